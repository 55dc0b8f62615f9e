//! What counts as a paint: CSS colour names, hex codes, gradients.

/// The colour names of CSS.
pub(crate) const NAMES: &[&str] = &[
    "aliceblue",
    "antiquewhite",
    "aqua",
    "aquamarine",
    "azure",
    "beige",
    "bisque",
    "black",
    "blanchedalmond",
    "blue",
    "blueviolet",
    "brown",
    "burlywood",
    "cadetblue",
    "chartreuse",
    "chocolate",
    "coral",
    "cornflowerblue",
    "cornsilk",
    "crimson",
    "currentcolor",
    "cyan",
    "darkblue",
    "darkcyan",
    "darkgoldenrod",
    "darkgray",
    "darkgreen",
    "darkgrey",
    "darkkhaki",
    "darkmagenta",
    "darkolivegreen",
    "darkorange",
    "darkorchid",
    "darkred",
    "darksalmon",
    "darkseagreen",
    "darkslateblue",
    "darkslategray",
    "darkslategrey",
    "darkturquoise",
    "darkviolet",
    "deeppink",
    "deepskyblue",
    "dimgray",
    "dimgrey",
    "dodgerblue",
    "firebrick",
    "floralwhite",
    "forestgreen",
    "fuchsia",
    "gainsboro",
    "ghostwhite",
    "gold",
    "goldenrod",
    "gray",
    "green",
    "greenyellow",
    "grey",
    "honeydew",
    "hotpink",
    "indianred",
    "indigo",
    "ivory",
    "khaki",
    "lavender",
    "lavenderblush",
    "lawngreen",
    "lemonchiffon",
    "lightblue",
    "lightcoral",
    "lightcyan",
    "lightgoldenrodyellow",
    "lightgray",
    "lightgreen",
    "lightgrey",
    "lightpink",
    "lightsalmon",
    "lightseagreen",
    "lightskyblue",
    "lightslategray",
    "lightslategrey",
    "lightsteelblue",
    "lightyellow",
    "lime",
    "limegreen",
    "linen",
    "magenta",
    "maroon",
    "mediumaquamarine",
    "mediumblue",
    "mediumorchid",
    "mediumpurple",
    "mediumseagreen",
    "mediumslateblue",
    "mediumspringgreen",
    "mediumturquoise",
    "mediumvioletred",
    "midnightblue",
    "mintcream",
    "mistyrose",
    "moccasin",
    "navajowhite",
    "navy",
    "oldlace",
    "olive",
    "olivedrab",
    "orange",
    "orangered",
    "orchid",
    "palegoldenrod",
    "palegreen",
    "paleturquoise",
    "palevioletred",
    "papayawhip",
    "peachpuff",
    "peru",
    "pink",
    "plum",
    "powderblue",
    "purple",
    "rebeccapurple",
    "red",
    "rosybrown",
    "royalblue",
    "saddlebrown",
    "salmon",
    "sandybrown",
    "seagreen",
    "seashell",
    "sienna",
    "silver",
    "skyblue",
    "slateblue",
    "slategray",
    "slategrey",
    "snow",
    "springgreen",
    "steelblue",
    "tan",
    "teal",
    "thistle",
    "tomato",
    "transparent",
    "turquoise",
    "violet",
    "wheat",
    "white",
    "whitesmoke",
    "yellow",
    "yellowgreen",
];

/// Whether a text is a colour or a gradient.
pub(super) fn is_paint(text: &str) -> bool {
    is_color(text) || is_gradient(text)
}

/// Whether a text is a colour name or a hex code.
pub(super) fn is_color(text: &str) -> bool {
    is_color_of(text, &[3, 6])
}

/// Whether a text is a colour name, or a hex code of one of some lengths.
fn is_color_of(text: &str, lengths: &[usize]) -> bool {
    match text.strip_prefix('#') {
        Some(digits) => lengths.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => NAMES.binary_search(&text.to_lowercase().as_str()).is_ok(),
    }
}

/// Whether a text is `linear-gradient(…)` or `radial-gradient(…)` of valid colours.
fn is_gradient(text: &str) -> bool {
    let text = text.trim();
    let linear = text.strip_prefix("linear-gradient(");
    let Some(stops) = linear.or_else(|| text.strip_prefix("radial-gradient(")).and_then(|rest| rest.strip_suffix(')'))
    else {
        return false;
    };
    let mut stops = split_stops(stops);
    let is_angle = |stop: &str| {
        stop.starts_with("to ") || stop.ends_with("deg") || stop.ends_with("turn") || stop.ends_with("rad")
    };
    let is_shape = |stop: &str| stop.starts_with("circle") || stop.starts_with("ellipse") || stop.starts_with("at ");
    if stops.first().is_some_and(|first| if linear.is_some() { is_angle(first) } else { is_shape(first) }) {
        stops.remove(0);
    }
    !stops.is_empty() && stops.iter().all(|stop| is_stop(stop))
}

/// The parts between commas that stand in no parentheses.
fn split_stops(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .collect()
}

fn is_stop(stop: &str) -> bool {
    const FUNCTIONS: &[&str] = &["rgb(", "rgba(", "hsl(", "hsla("];
    if FUNCTIONS.iter().any(|function| stop.starts_with(function)) {
        return stop.contains(')');
    }
    // In a gradient a hex code may say how clear the colour is.
    stop.split_whitespace().next().is_some_and(|color| is_color_of(color, &[3, 4, 6, 8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_for_the_search() {
        assert!(NAMES.is_sorted());
        assert!(is_color("Orange") && is_color("#F0ff3a") && !is_color("potato") && !is_color("#12345"));
    }
}
