//! LaTeX mathematics as lines of readable Unicode text, for screen readers and terminals.
//!
//! Known commands become their symbols, fractions `a/b`, roots `√a`, sub- and superscripts their Unicode forms where these
//! exist and `_(…)`, `^(…)` where not. Unknown commands show their name. Nothing is lost silently but spacing commands.

/// How deep braces may nest before the rest is taken as it stands.
const DEPTH_MAX: usize = 64;

/// The text of a formula.
pub(crate) fn readable(latex: &str) -> String {
    let mut reader = Reader { rest: latex, depth: 0 };
    let text = reader.sequence(None);
    let lines = text.split('\n').map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The Unicode sign of a command, if it has one.
pub(crate) fn symbol(name: &str) -> Option<&'static str> {
    SYMBOLS.binary_search_by_key(&name, |(known, _)| known).ok().map(|at| SYMBOLS[at].1)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Everything up to the closing character, which is taken.
    fn sequence(&mut self, until: Option<char>) -> String {
        let mut out = String::new();
        while let Some(c) = self.next() {
            match c {
                c if Some(c) == until => break,
                '\\' => out.push_str(&self.command()),
                '{' if self.depth < DEPTH_MAX => out.push_str(&self.nested('}')),
                '{' | '}' | '$' => {}
                '^' => out.push_str(&script(&self.argument(), SUPER, '^')),
                '_' => out.push_str(&script(&self.argument(), SUB, '_')),
                '&' | '~' => out.push(' '),
                '-' => out.push('−'),
                '\n' => out.push(' '),
                c => out.push(c),
            }
        }
        out
    }

    fn nested(&mut self, until: char) -> String {
        self.depth += 1;
        let text = self.sequence(Some(until));
        self.depth -= 1;
        text
    }

    /// The next group, command or character.
    fn argument(&mut self) -> String {
        self.rest = self.rest.trim_start();
        match self.next() {
            Some('{') if self.depth < DEPTH_MAX => self.nested('}'),
            Some('\\') => {
                self.depth += 1;
                let text = if self.depth < DEPTH_MAX { self.command() } else { String::new() };
                self.depth -= 1;
                text
            }
            Some(c) => c.to_string(),
            None => String::new(),
        }
    }

    fn name(&mut self) -> String {
        let len = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(len);
        self.rest = rest;
        if name.is_empty() { self.next().map(String::from).unwrap_or_default() } else { name.to_string() }
    }

    fn command(&mut self) -> String {
        let name = self.name();
        match name.as_str() {
            "frac" | "dfrac" | "tfrac" => {
                let (top, bottom) = (self.argument(), self.argument());
                format!("{}/{}", grouped(&top), grouped(&bottom))
            }
            "sqrt" => {
                self.rest = self.rest.trim_start();
                let index = if self.rest.starts_with('[') && self.depth < DEPTH_MAX {
                    self.next();
                    script(&self.nested(']'), SUPER, '^')
                } else {
                    String::new()
                };
                format!("{index}√{}", grouped(&self.argument()))
            }
            "binom" => {
                let (top, bottom) = (self.argument(), self.argument());
                format!("({top} over {bottom})")
            }
            "begin" | "end" => {
                self.argument();
                String::new()
            }
            "text" | "textrm" | "textbf" | "mathrm" | "mathbf" | "mathit" | "mathsf" | "mathtt" | "operatorname"
            | "textit" | "boldsymbol" | "mathcal" | "displaylines" | "mathbb" | "mathclap" | "substack"
            | "underbrace" | "overbrace" | "underline" | "mathop" | "mbox" | "phantom" => self.argument(),
            "textcolor" | "color" => {
                self.argument();
                if name == "color" { String::new() } else { self.argument() }
            }
            "hat" | "bar" | "vec" | "tilde" | "dot" | "overline" => accented(&self.argument(), &name),
            "left" | "right" => {
                self.rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
                String::new()
            }
            "\\" | "newline" => "\n".into(),
            "," | ";" | ":" | "!" | " " | "quad" | "qquad" => " ".into(),
            "big" | "Big" | "bigg" | "Bigg" | "bigl" | "bigr" | "Bigl" | "Bigr" | "biggl" | "biggr" | "middle"
            | "limits" | "nolimits" | "displaystyle" | "textstyle" | "Huge" | "huge" | "LARGE" | "Large" | "large"
            | "small" | "tiny" => String::new(),
            name => match symbol(name) {
                Some(sign) => sign.to_string(),
                None if name.len() == 1 => name.to_string(),
                None => format!(" {name} "),
            },
        }
    }
}

fn grouped(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() > 1 && !text.chars().all(char::is_alphanumeric) {
        format!("({text})")
    } else {
        text.to_string()
    }
}

fn accented(text: &str, name: &str) -> String {
    let mark = match name {
        "hat" => '\u{302}',
        "tilde" => '\u{303}',
        "dot" => '\u{307}',
        "vec" => '\u{20d7}',
        _ => '\u{304}',
    };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => format!("{c}{mark}"),
        _ => text.to_string(),
    }
}

fn script(text: &str, forms: &[(char, char)], mark: char) -> String {
    let form = |c: char| match c {
        ' ' => Some(' '),
        c => forms.iter().find(|(plain, _)| *plain == c).map(|(_, form)| *form),
    };
    match text.trim().chars().map(form).collect::<Option<String>>() {
        Some(raised) => raised,
        None if text.trim().chars().count() == 1 => format!("{mark}{}", text.trim()),
        None => format!("{mark}({})", text.trim()),
    }
}

const SUPER: &[(char, char)] = &[
    ('0', '⁰'),
    ('1', '¹'),
    ('2', '²'),
    ('3', '³'),
    ('4', '⁴'),
    ('5', '⁵'),
    ('6', '⁶'),
    ('7', '⁷'),
    ('8', '⁸'),
    ('9', '⁹'),
    ('+', '⁺'),
    ('−', '⁻'),
    ('=', '⁼'),
    ('(', '⁽'),
    (')', '⁾'),
    ('n', 'ⁿ'),
    ('i', 'ⁱ'),
    ('a', 'ᵃ'),
    ('b', 'ᵇ'),
    ('c', 'ᶜ'),
    ('d', 'ᵈ'),
    ('e', 'ᵉ'),
    ('k', 'ᵏ'),
    ('m', 'ᵐ'),
    ('o', 'ᵒ'),
    ('p', 'ᵖ'),
    ('t', 'ᵗ'),
    ('x', 'ˣ'),
    ('y', 'ʸ'),
    ('\'', '′'),
    ('T', 'ᵀ'),
    ('′', '′'),
    ('∘', '°'),
];

const SUB: &[(char, char)] = &[
    ('0', '₀'),
    ('1', '₁'),
    ('2', '₂'),
    ('3', '₃'),
    ('4', '₄'),
    ('5', '₅'),
    ('6', '₆'),
    ('7', '₇'),
    ('8', '₈'),
    ('9', '₉'),
    ('+', '₊'),
    ('−', '₋'),
    ('=', '₌'),
    ('(', '₍'),
    (')', '₎'),
    ('a', 'ₐ'),
    ('e', 'ₑ'),
    ('i', 'ᵢ'),
    ('j', 'ⱼ'),
    ('k', 'ₖ'),
    ('l', 'ₗ'),
    ('m', 'ₘ'),
    ('n', 'ₙ'),
    ('o', 'ₒ'),
    ('p', 'ₚ'),
    ('r', 'ᵣ'),
    ('s', 'ₛ'),
    ('t', 'ₜ'),
    ('u', 'ᵤ'),
    ('v', 'ᵥ'),
    ('x', 'ₓ'),
];

/// Commands and their symbols in order.
#[rustfmt::skip]
const SYMBOLS: &[(&str, &str)] = &[
    ("Delta", "Δ"), ("Gamma", "Γ"), ("Im", "ℑ"), ("Lambda", "Λ"), ("Leftarrow", " ⇐ "), ("Leftrightarrow", " ⇔ "),
    ("Omega", "Ω"), ("Phi", "Φ"), ("Pi", "Π"), ("Psi", "Ψ"), ("Re", "ℜ"), ("Rightarrow", " ⇒ "), ("Sigma", "Σ"),
    ("Theta", "Θ"), ("Xi", "Ξ"), ("alpha", "α"), ("approx", " ≈ "), ("ast", "∗"), ("beta", "β"), ("bullet", "•"),
    ("cap", "∩"), ("cdot", "·"), ("cdots", "⋯"), ("chi", "χ"), ("circ", "∘"), ("cos", " cos"), ("cup", "∪"),
    ("dagger", "†"), ("degree", "°"), ("delta", "δ"), ("det", " det"), ("div", "÷"), ("dots", "…"),
    ("downarrow", "↓"), ("ell", "ℓ"), ("emptyset", "∅"), ("epsilon", "ε"), ("equiv", " ≡ "), ("eta", "η"),
    ("exists", "∃"), ("exp", " exp"), ("forall", "∀"), ("gamma", "γ"), ("ge", " ≥ "), ("geq", " ≥ "), ("gg", "≫"),
    ("hbar", "ħ"), ("in", " ∈ "), ("infty", "∞"), ("int", "∫"), ("iota", "ι"), ("kappa", "κ"), ("lambda", "λ"),
    ("land", "∧"), ("langle", "⟨"), ("lceil", "⌈"), ("ldots", "…"), ("le", " ≤ "), ("leftarrow", " ← "),
    ("leftrightarrow", " ↔ "), ("leq", " ≤ "), ("lfloor", "⌊"), ("lim", " lim"), ("ll", "≪"), ("ln", " ln"),
    ("log", " log"), ("lor", "∨"), ("mapsto", " ↦ "), ("max", " max"), ("mid", "|"), ("min", " min"), ("mp", "∓"),
    ("mu", "μ"), ("nabla", "∇"), ("ne", " ≠ "), ("neg", "¬"), ("neq", " ≠ "), ("notin", " ∉ "), ("nu", "ν"),
    ("oint", "∮"), ("omega", "ω"), ("oplus", "⊕"), ("otimes", "⊗"), ("parallel", "∥"), ("partial", "∂"),
    ("perp", "⊥"), ("phi", "φ"), ("pi", "π"), ("pm", "±"), ("prime", "′"), ("prod", "∏"), ("propto", "∝"),
    ("psi", "ψ"), ("rangle", "⟩"), ("rceil", "⌉"), ("rfloor", "⌋"), ("rho", "ρ"), ("rightarrow", " → "),
    ("sigma", "σ"), ("sim", "∼"), ("sin", " sin"), ("star", "⋆"), ("subset", "⊂"), ("subseteq", "⊆"), ("sum", "∑"),
    ("supset", "⊃"), ("tan", " tan"), ("tau", "τ"), ("theta", "θ"), ("times", "×"), ("to", " → "),
    ("uparrow", "↑"), ("upsilon", "υ"), ("varepsilon", "ε"), ("varphi", "φ"), ("vdots", "⋮"), ("vert", "|"),
    ("xi", "ξ"), ("zeta", "ζ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_sorted_for_the_binary_search() {
        assert!(SYMBOLS.is_sorted_by(|one, two| one.0 < two.0));
    }

    #[test]
    fn formulas_can_be_read() {
        for (latex, text) in [
            (r"\frac{a+b}{2} \leq \alpha_1^2", "(a+b)/2 ≤ α₁²"),
            (r"\sqrt[3]{x} \\ \text{if } y_{max} = e^{-x}", "³√x\nif yₘₐₓ = e⁻ˣ"),
            (r"\lim_{h \rightarrow 0} f'(x)", "lim_(h → 0) f'(x)"),
            (r"\unknown{x} \{1\}", "unknown x {1}"),
        ] {
            let got = readable(latex);
            assert_eq!(got, text, "{latex}");
        }
    }

    #[test]
    fn deep_nesting_ends() {
        readable(&"{".repeat(20_000));
        readable(&"\\sqrt".repeat(20_000));
        readable(&"_".repeat(20_000));
    }
}
