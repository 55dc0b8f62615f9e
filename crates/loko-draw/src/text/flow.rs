//! Filling a block from top to bottom: paragraphs of differently set spans, wrapped where a width is given.
//!
//! Lines are broken greedily; a balanced paragraph is then broken again at the smallest width that needs no more lines,
//! which is what makes short texts in boxes look set and not spilled.

use super::{Align, Block, Fragment, Mark, MarkKind, Tone};
use crate::font::{self, CAP_HEIGHT, Face};
use crate::text::block::Line;
use loko_diagram::{Rect, Size};

/// Text in one look.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) face: Face,
    pub(crate) size: f64,
    pub(crate) tone: Tone,
    pub(crate) underline: bool,
    pub(crate) strike: bool,
    pub(crate) link: Option<String>,
    /// Whether it stands on a ground of its own (code in a sentence).
    pub(crate) ground: bool,
}

impl Span {
    pub(crate) fn new(text: impl Into<String>, face: Face, size: f64) -> Self {
        Self { text: text.into(), face, size, ..Self::default() }
    }

    pub(crate) fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Another text in the same look.
    fn with(&self, text: String) -> Self {
        let Self { text: _, face, size, tone, underline, strike, ref link, ground } = *self;
        Self { text, face, size, tone, underline, strike, link: link.clone(), ground }
    }
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) align: Align,
    /// The distance of lines in sizes.
    pub(crate) leading: f64,
    /// Where to break lines.
    pub(crate) wrap: Option<f64>,
    /// Whether lines should be of about the same length.
    pub(crate) balance: bool,
    /// The distance from the left.
    pub(crate) indent: f64,
}

impl Default for Setting {
    fn default() -> Self {
        Self { align: Align::Start, leading: LEADING, wrap: None, balance: false, indent: 0.0 }
    }
}

/// The usual distance of lines in sizes.
pub(crate) const LEADING: f64 = 1.3;

/// A block in the making.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    block: Block,
    y: f64,
}

/// A word or a space within a line that is being filled.
#[derive(Clone, Debug)]
struct Word {
    span: usize,
    text: String,
    width: f64,
    is_space: bool,
    /// Whether it follows a word in another look without a space, so that no line breaks before it.
    sticks: bool,
}

impl Flow {
    /// How far down the block has been filled.
    pub(crate) fn y(&self) -> f64 {
        self.y
    }

    /// How wide what stands there is.
    pub(crate) fn width(&self) -> f64 {
        self.block.size.w
    }

    /// Leaves space.
    pub(crate) fn gap(&mut self, by: f64) {
        self.y += by;
    }

    /// Leaves space unless nothing stands above it.
    pub(crate) fn gap_between(&mut self, by: f64) {
        if !self.block.is_empty() {
            self.y += by;
        }
    }

    /// Draws something besides letters.
    pub(crate) fn mark(&mut self, rect: Rect, kind: MarkKind) {
        self.block.size = self.block.size.max(Size::new(rect.right(), rect.bottom()));
        self.block.marks.push(Mark { rect, kind });
    }

    /// Puts another block below what is there.
    pub(crate) fn absorb(&mut self, block: Block) {
        self.absorb_at(block, 0.0);
    }

    /// Puts another block below what is there, at a distance from the left.
    pub(crate) fn absorb_at(&mut self, block: Block, x: f64) {
        let height = block.size.h;
        self.place(block, x, self.y);
        self.y += height;
    }

    /// Puts another block anywhere without moving on.
    pub(crate) fn place(&mut self, block: Block, x: f64, y: f64) {
        self.block.size = self.block.size.max(Size::new(x + block.size.w, y + block.size.h));
        let moved = block.lines.into_iter().map(|line| Line { x: line.x + x, baseline: line.baseline + y, ..line });
        self.block.lines.extend(moved);
        let moved = block.marks.into_iter().map(|mark| Mark { rect: mark.rect.shift(x, y), ..mark });
        self.block.marks.extend(moved);
    }

    /// Sets a short text into a line of this height without moving on.
    pub(crate) fn beside(&mut self, span: &Span, x: f64, top: f64, height: f64) {
        let baseline = top + height / 2.0 + span.size * CAP_HEIGHT / 2.0;
        let fragments = fragments_of(span, &span.text);
        self.block.lines.push(Line { x, baseline, align: Align::Start, fragments });
    }

    /// Sets a paragraph; line breaks in its spans are kept.
    pub(crate) fn paragraph(&mut self, spans: &[Span], setting: Setting) {
        for part in split_lines(spans) {
            let words = words(&part);
            let mut lines = match setting.wrap {
                Some(width) => fill(&part, words.clone(), width),
                None => vec![words.clone()],
            };
            if let (true, Some(width), true) = (setting.balance, setting.wrap, lines.len() > 1) {
                lines = balanced(&part, &words, width, lines.len());
            }
            for line in lines {
                self.line(&part, &line, setting);
            }
        }
    }

    fn line(&mut self, spans: &[Span], words: &[Word], setting: Setting) {
        let sizes = words.iter().map(|word| spans[word.span].size);
        let size = sizes.chain(spans.first().map(|span| span.size)).fold(0.0, f64::max);
        let height = size * setting.leading;
        let baseline = self.y + height / 2.0 + size * CAP_HEIGHT / 2.0;
        let mut fragments: Vec<Fragment> = Vec::new();
        let mut x = setting.indent;
        let groups = group_by_span(words);
        let mut after_space = true;
        for (place, (at, words)) in groups.iter().enumerate() {
            let span = &spans[*at];
            let text: String = words.iter().map(|word| word.text.as_str()).collect();
            let text = keep_spaces(&text, &mut after_space, place + 1 == groups.len());
            let pieces = fragments_of(span, &text);
            let width: f64 = pieces.iter().map(|piece| piece.width).sum();
            if span.ground {
                let rect = Rect::new(x - 2.0, baseline - span.size * 0.95, width + 4.0, span.size * 1.28);
                self.block.marks.push(Mark { rect, kind: MarkKind::Ground });
            }
            fragments.extend(pieces);
            x += width;
        }
        self.y += height;
        self.block.size = self.block.size.max(Size::new(x, self.y));
        if !fragments.is_empty() {
            self.block.lines.push(Line { x: setting.indent, baseline, align: setting.align, fragments });
        }
    }

    /// The block, as large as all that is in it.
    pub(crate) fn finish(mut self) -> Block {
        self.block.size = self.block.size.max(Size::new(0.0, self.y));
        self.block
    }
}

/// The pieces that a span's text falls into, face by face.
fn fragments_of(span: &Span, text: &str) -> Vec<Fragment> {
    font::stretches(text, span.face)
        .into_iter()
        .map(|stretch| Fragment {
            text: stretch.text,
            face: stretch.face,
            size: span.size,
            tone: span.tone,
            width: stretch.width * span.size,
            estimated: stretch.estimated,
            underline: span.underline,
            strike: span.strike,
            link: span.link.clone(),
        })
        .collect()
}

/// Makes spaces that XML would collapse or drop (in runs, at the ends of a line) hard ones.
fn keep_spaces(text: &str, after_space: &mut bool, is_last: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let is_space = c == ' ';
        out.push(if is_space && *after_space { '\u{a0}' } else { c });
        *after_space = is_space;
    }
    if is_last && out.ends_with(' ') {
        out.pop();
        out.push('\u{a0}');
    }
    out
}

fn split_lines(spans: &[Span]) -> Vec<Vec<Span>> {
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    for span in spans {
        for (at, text) in span.text.split('\n').enumerate() {
            if at > 0 {
                lines.push(Vec::new());
            }
            let text: String = text.replace('\t', "    ").chars().filter(|c| !c.is_control()).collect();
            lines.last_mut().expect("there is a line from the start").push(span.with(text));
        }
    }
    lines
}

/// Cuts spans where a line may break: at spaces and around ideographs.
fn words(spans: &[Span]) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let mut word = String::new();
        let mut flush = |word: &mut String| {
            if !word.is_empty() {
                let width = font::width(word, span.face) * span.size;
                let is_space = word.starts_with(' ');
                let follows = |before: &Word| before.span != at && !before.is_space && !ends_ideographic(&before.text);
                let sticks =
                    !is_space && !word.chars().next().is_some_and(is_ideograph) && out.last().is_some_and(follows);
                out.push(Word { span: at, text: std::mem::take(word), width, is_space, sticks });
            }
        };
        for cluster in font::clusters(&span.text) {
            let is_space = cluster == " ";
            let alone = cluster.chars().next().is_some_and(is_ideograph);
            if alone || is_space != word.starts_with(' ') || word.chars().next().is_some_and(is_ideograph) {
                flush(&mut word);
            }
            word.push_str(cluster);
        }
        flush(&mut word);
    }
    out
}

fn ends_ideographic(word: &str) -> bool {
    word.chars().next_back().is_some_and(is_ideograph)
}

/// The width of the widest word, which is where lines do not break.
pub(crate) fn widest_word(spans: &[Span]) -> f64 {
    let words = split_lines(spans).into_iter().flat_map(|line| words(&line));
    words.map(|word| word.width).fold(0.0, f64::max)
}

fn is_ideograph(c: char) -> bool {
    matches!(c as u32, 0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// Breaks greedily.
fn fill(spans: &[Span], words: Vec<Word>, width: f64) -> Vec<Vec<Word>> {
    let mut lines: Vec<Vec<Word>> = vec![Vec::new()];
    let mut used = 0.0;
    for word in words.into_iter().flat_map(|word| chop(spans, word, width)) {
        let line = lines.last_mut().expect("there is a line from the start");
        if used + word.width > width + 1e-6 && !line.is_empty() && !word.is_space {
            let mut next = line.split_off(stuck_from(line, &word, width));
            while line.last().is_some_and(|last| last.is_space) {
                line.pop();
            }
            next.push(word);
            used = next.iter().map(|word| word.width).sum();
            lines.push(next);
        } else {
            used += word.width;
            line.push(word);
        }
    }
    if let Some(line) = lines.last_mut() {
        while line.len() > 1 && line.last().is_some_and(|last| last.is_space) {
            line.pop();
        }
    }
    lines
}

/// Where in a line the words begin that a next one sticks to; its end if that does not, or if a line cannot hold them all.
fn stuck_from(line: &[Word], next: &Word, width: f64) -> usize {
    let (mut from, mut used, mut sticks) = (line.len(), next.width, next.sticks);
    while sticks && from > 0 {
        from -= 1;
        used += line[from].width;
        sticks = line[from].sticks;
    }
    if from == 0 || used > width { line.len() } else { from }
}

/// Cuts a word that is wider than a line, after its punctuation where that helps.
fn chop(spans: &[Span], word: Word, width: f64) -> Vec<Word> {
    if word.width <= width || word.is_space {
        return vec![word];
    }
    let span = &spans[word.span];
    let mut pieces: Vec<Word> = Vec::new();
    let piece = |text: String, width: f64, sticks: bool| Word { span: word.span, text, width, is_space: false, sticks };
    let mut current = piece(String::new(), 0.0, word.sticks);
    for cluster in font::clusters(&word.text) {
        let advance = font::width(cluster, span.face) * span.size;
        if current.width + advance > width && !current.text.is_empty() {
            let keep = current.text.rfind(['/', '-', '_', '.', ':']).map_or(current.text.len(), |at| at + 1);
            let rest = if keep * 2 > current.text.len() { current.text.split_off(keep) } else { String::new() };
            current.width = font::width(&current.text, span.face) * span.size;
            let rest_width = font::width(&rest, span.face) * span.size;
            pieces.push(std::mem::replace(&mut current, piece(rest, rest_width, false)));
        }
        current.text.push_str(cluster);
        current.width += advance;
    }
    pieces.push(current);
    pieces
}

fn balanced(spans: &[Span], words: &[Word], width: f64, count: usize) -> Vec<Vec<Word>> {
    let (mut low, mut high) = (width / 3.0, width);
    for _ in 0..8 {
        let middle = f64::midpoint(low, high);
        let lines = fill(spans, words.to_vec(), middle);
        let fits = lines.len() <= count && words.iter().all(|word| word.width <= middle || word.width > width);
        if fits {
            high = middle;
        } else {
            low = middle;
        }
    }
    fill(spans, words.to_vec(), high)
}

fn group_by_span(words: &[Word]) -> Vec<(usize, &[Word])> {
    words.chunk_by(|one, two| one.span == two.span).map(|chunk| (chunk[0].span, chunk)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, wrap: f64, balance: bool) -> Vec<String> {
        let mut flow = Flow::default();
        let setting = Setting { wrap: Some(wrap), balance, ..Setting::default() };
        flow.paragraph(&[Span::new(text, Face::Regular, 10.0)], setting);
        let block = flow.finish();
        assert!(block.size.w <= wrap + 1e-6, "{} > {wrap}", block.size.w);
        block.lines.iter().map(|line| line.fragments.iter().map(|f| f.text.as_str()).collect()).collect()
    }

    #[test]
    fn breaks_at_spaces() {
        assert_eq!(set("one two three four", 50.0, false), ["one two", "three four"]);
    }

    #[test]
    fn balances_lines() {
        assert_eq!(set("aaa bbb ccc ddd eee", 85.0, false), ["aaa bbb ccc ddd", "eee"]);
        assert_eq!(set("aaa bbb ccc ddd eee", 85.0, true), ["aaa bbb ccc", "ddd eee"]);
    }

    #[test]
    fn chops_long_words_and_ideographs() {
        assert!(set("pneumonoultramicroscopicsilicovolcanoconiosis", 60.0, true).len() > 3);
        assert_eq!(set("架构即代码", 31.0, false), ["架构即", "代码"]);
        assert_eq!(set("registry/team/very-long-name", 80.0, false)[0], "registry/team/");
    }

    #[test]
    fn a_text_of_megabytes_is_set() {
        // By the square of the length this would be minutes.
        assert!(set(&"x".repeat(2 << 20), 420.0, false).len() > 20_000);
        assert_eq!(set(&"word\n".repeat(400_000), 420.0, false).len(), 400_000);
    }

    #[test]
    fn punctuation_stays_with_its_word() {
        let spans = [
            Span::new("see the (", Face::Regular, 10.0),
            Span::new("handbook", Face::Bold, 10.0),
            Span::new("), twice", Face::Regular, 10.0),
        ];
        let told = |wrap: f64| -> Vec<String> {
            let mut flow = Flow::default();
            flow.paragraph(&spans, Setting { wrap: Some(wrap), ..Setting::default() });
            let lines = flow.finish().lines;
            lines.iter().map(|line| line.fragments.iter().map(|f| f.text.as_str()).collect()).collect()
        };
        let whole = font::width("see the (", Face::Regular) * 10.0 + font::width("handbook", Face::Bold) * 10.0;
        assert_eq!(told(whole + 1.0), ["see the", "(handbook), twice"]);
        let narrow = font::width("(", Face::Regular) * 10.0 + font::width("handbook", Face::Bold) * 10.0;
        assert_eq!(
            told(narrow + 0.5),
            ["see the", "(handbook", "), twice"],
            "what no line can hold is parted all the same"
        );
    }

    #[test]
    fn keeps_inner_spaces() {
        assert_eq!(keep_spaces("a  b ", &mut true, true), "a \u{a0}b\u{a0}");
        assert_eq!(keep_spaces("a ", &mut true, false), "a ");
    }
}
