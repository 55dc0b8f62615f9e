//! The reserved words of D2 and the values that some of them take.
//!
//! A keyword is a keyword only when it is written without quotes.

/// Keywords that hold one value.
pub const SIMPLE: &[&str] = &[
    "label",
    "shape",
    "icon",
    "constraint",
    "tooltip",
    "link",
    "near",
    "width",
    "height",
    "direction",
    "top",
    "left",
    "grid-rows",
    "grid-columns",
    "grid-gap",
    "vertical-gap",
    "horizontal-gap",
    "class",
    "vars",
];

/// Keywords that hold further keys.
pub const COMPOSITE: &[&str] = &[
    "source-arrowhead",
    "target-arrowhead",
    "classes",
    "constraint",
    "label",
    "icon",
    "tooltip",
    "style",
    "layers",
    "scenarios",
    "steps",
];

/// Keywords that stand below `style`.
pub const STYLE: &[&str] = &[
    "opacity",
    "stroke",
    "fill",
    "fill-pattern",
    "stroke-width",
    "stroke-dash",
    "border-radius",
    "font",
    "font-size",
    "font-color",
    "bold",
    "italic",
    "underline",
    "text-transform",
    "shadow",
    "multiple",
    "double-border",
    "3d",
    "animated",
    "filled",
];

/// Keywords that hold boards.
pub const BOARDS: &[&str] = &["layers", "scenarios", "steps"];

/// Places at the edge of a diagram that `near` takes.
pub const NEAR: &[&str] = &[
    "top-left",
    "top-center",
    "top-right",
    "center-left",
    "center-right",
    "bottom-left",
    "bottom-center",
    "bottom-right",
];

/// Places of a label or an icon.
pub const LABEL_POSITIONS: &[&str] = &[
    "top-left",
    "top-center",
    "top-right",
    "center-left",
    "center-center",
    "center-right",
    "bottom-left",
    "bottom-center",
    "bottom-right",
    "outside-top-left",
    "outside-top-center",
    "outside-top-right",
    "outside-left-top",
    "outside-left-center",
    "outside-left-bottom",
    "outside-right-top",
    "outside-right-center",
    "outside-right-bottom",
    "outside-bottom-left",
    "outside-bottom-center",
    "outside-bottom-right",
    "border-top-left",
    "border-top-center",
    "border-top-right",
    "border-left-top",
    "border-left-center",
    "border-left-bottom",
    "border-right-top",
    "border-right-center",
    "border-right-bottom",
    "border-bottom-left",
    "border-bottom-center",
    "border-bottom-right",
];

/// Shapes of objects.
pub const SHAPES: &[&str] = &[
    "rectangle",
    "square",
    "page",
    "parallelogram",
    "document",
    "cylinder",
    "queue",
    "package",
    "step",
    "callout",
    "stored_data",
    "person",
    "c4-person",
    "diamond",
    "oval",
    "circle",
    "hexagon",
    "cloud",
    "text",
    "code",
    "class",
    "sql_table",
    "image",
    "sequence_diagram",
    "hierarchy",
];

/// Shapes of arrowheads.
pub const ARROWHEADS: &[&str] = &[
    "none",
    "arrow",
    "triangle",
    "unfilled-triangle",
    "diamond",
    "filled-diamond",
    "circle",
    "filled-circle",
    "box",
    "filled-box",
    "cross",
    "line",
    "cf-one",
    "cf-many",
    "cf-one-required",
    "cf-many-required",
];

/// Directions of a layout.
pub const DIRECTIONS: &[&str] = &["up", "down", "right", "left"];

/// Values of `style.fill-pattern`.
pub const FILL_PATTERNS: &[&str] = &["none", "dots", "lines", "grain", "paper"];

/// Values of `style.text-transform`.
pub const TEXT_TRANSFORMS: &[&str] = &["none", "uppercase", "lowercase", "capitalize"];

/// Values of `style.font`.
pub const FONTS: &[&str] = &["default", "mono"];

/// What a keyword does, in a sentence.
pub fn describe(word: &str) -> Option<&'static str> {
    Some(match word {
        "label" => "The text shown on an object or an edge.",
        "shape" => "The shape of an object or an arrowhead.",
        "icon" => "A picture: a URL or a path relative to the file.",
        "constraint" => "What holds for a column of a table: `primary_key`, `foreign_key`, `unique` or any text.",
        "tooltip" => "A text shown when the pointer rests on the object.",
        "link" => "Where a click leads: a URL, or a board such as `layers.x`.",
        "near" => "Where the object stands: a place at the edge of the diagram, or beside another object.",
        "width" => "A fixed width in pixels.",
        "height" => "A fixed height in pixels.",
        "direction" => "The main direction of the edges: `up`, `down`, `right` or `left`.",
        "top" => "A fixed distance from the top of the container.",
        "left" => "A fixed distance from the left of the container.",
        "grid-rows" => "Lays the children out in so many rows.",
        "grid-columns" => "Lays the children out in so many columns.",
        "grid-gap" => "The distance between the cells of a grid.",
        "vertical-gap" => "The distance between the rows of a grid.",
        "horizontal-gap" => "The distance between the columns of a grid.",
        "class" => "The class or classes whose values the object takes over.",
        "classes" => "Named sets of values that objects take over by `class`.",
        "vars" => "Variables, used as `${name}`; `vars.d2-config` holds settings.",
        "style" => "How an object or an edge looks.",
        "source-arrowhead" => "The shape and label of an edge's beginning.",
        "target-arrowhead" => "The shape and label of an edge's end.",
        "layers" => "Boards that start empty.",
        "scenarios" => "Boards that start with all of this one.",
        "steps" => "Boards that build on each other.",
        "opacity" => "0 (invisible) to 1.",
        "stroke" => "The colour of lines and borders.",
        "fill" => "The colour of the inside.",
        "fill-pattern" => "`none`, `dots`, `lines`, `grain` or `paper`.",
        "theme-id" => "The theme, by its number.",
        "dark-theme-id" => "The theme for readers whose system is dark, by its number.",
        "pad" => "The margin of the drawing in pixels.",
        "sketch" => "Draws as if by hand.",
        "center" => "Centres the drawing in its viewer.",
        "layout-engine" => "An engine of the D2 program; loko lays out by its own.",
        "theme-overrides" => "Colours that replace those of the theme, by their codes such as `B1`.",
        "dark-theme-overrides" => "Colours that replace those of the dark theme.",
        "data" => "Values for other programs.",
        "d2-config" => "Settings of the drawing.",
        "d2-legend" => "Objects and edges that a legend explains.",
        "leaf" => "A filter: whether a thing holds no others.",
        "connected" => "A filter: whether an edge meets a thing.",
        "level" => "A filter: how many containers a thing is in.",
        "src" => "A filter: where an edge begins.",
        "dst" => "A filter: where an edge ends.",
        "stroke-width" => "The width of lines, 0 to 15.",
        "stroke-dash" => "The length of dashes, 0 to 10; 0 is a solid line.",
        "border-radius" => "The radius of rounded corners.",
        "font" => "The font family: `mono`.",
        "font-size" => "The size of the text, 8 to 100.",
        "font-color" => "The colour of the text.",
        "bold" => "Bold text.",
        "italic" => "Italic text.",
        "underline" => "Underlined text.",
        "text-transform" => "`none`, `uppercase`, `lowercase` or `capitalize`.",
        "shadow" => "A shadow behind the shape.",
        "multiple" => "Several copies behind each other.",
        "double-border" => "Two borders.",
        "3d" => "A box with depth.",
        "animated" => "A moving line.",
        "filled" => "A filled arrowhead.",
        _ => return None,
    })
}

/// What a value of a keyword means, for those that their names do not tell, in a sentence.
pub fn describe_value(word: &str, value: &str) -> Option<&'static str> {
    match word {
        "shape" => describe_shape(value).or_else(|| describe_arrowhead(value)),
        "near" if NEAR.contains(&value) => Some("At this place of the edge of the diagram."),
        "near" if value.starts_with("outside-") => Some("Outside of the shape, at this side."),
        "near" if value.starts_with("border-") => Some("On the border of the shape, at this side."),
        "near" if LABEL_POSITIONS.contains(&value) => Some("Inside of the shape, at this place."),
        "direction" => match value {
            "up" => Some("Edges mainly lead upwards."),
            "down" => Some("Edges mainly lead downwards; this is so unless told."),
            "left" => Some("Edges mainly lead to the left."),
            "right" => Some("Edges mainly lead to the right."),
            _ => None,
        },
        "fill-pattern" => match value {
            "none" => Some("A plain fill."),
            "dots" => Some("Dots over the fill."),
            "lines" => Some("Slanted lines over the fill."),
            "grain" => Some("A grainy texture over the fill."),
            "paper" => Some("A paper-like texture over the fill."),
            _ => None,
        },
        "text-transform" => match value {
            "none" => Some("The text as it is written, whatever the theme does."),
            "uppercase" => Some("All letters as capitals."),
            "lowercase" => Some("All letters small."),
            "capitalize" => Some("Each word with a capital."),
            _ => None,
        },
        "constraint" => match value {
            "primary_key" => Some("The column identifies the rows of the table; shown as PK."),
            "foreign_key" => Some("The column refers to a row of another table; shown as FK."),
            "unique" => Some("No two rows have the same value; shown as UNQ."),
            _ => None,
        },
        "layout-engine" => Some("An engine of the D2 program; loko lays out by its own."),
        _ => None,
    }
}

fn describe_shape(value: &str) -> Option<&'static str> {
    Some(match value {
        "rectangle" => "A box; the shape of everything that sets none.",
        "square" => "A box as wide as it is high.",
        "page" => "A sheet with a folded corner.",
        "parallelogram" => "A slanted box, as for input and output.",
        "document" => "A sheet with a wavy lower edge.",
        "cylinder" => "A store of data, such as a database.",
        "queue" => "A lying cylinder, as for queues and topics.",
        "package" => "A box with a tab, as for packages and folders.",
        "step" => "An arrow-like box, as for a step of a process.",
        "callout" => "A speech bubble.",
        "stored_data" => "A box with bent sides, as for stored data.",
        "person" => "A person.",
        "c4-person" => "A person as C4 diagrams draw one: a head above a box.",
        "diamond" => "A decision.",
        "oval" => "An ellipse.",
        "circle" => "A circle.",
        "hexagon" => "A hexagon.",
        "cloud" => "A cloud, as for what lies outside.",
        "text" => "A text without a border.",
        "code" => "Code, highlighted by its language.",
        "class" => "A UML class: keys are fields, and with parentheses methods; `+`, `-` and `#` tell who sees them.",
        "sql_table" => "A table of a database: keys are columns, values their types.",
        "image" => "Nothing but the icon.",
        "sequence_diagram" => "A sequence diagram: objects are actors, edges are messages in the order of the text.",
        "hierarchy" => "A tree of what is in it.",
        _ => return None,
    })
}

fn describe_arrowhead(value: &str) -> Option<&'static str> {
    Some(match value {
        "none" => "No arrowhead.",
        "arrow" => "A slim arrowhead.",
        "triangle" => "A triangle; filled unless `style.filled` is false.",
        "unfilled-triangle" => "A triangle without a fill.",
        "filled-diamond" => "A filled diamond, as for composition.",
        "filled-circle" => "A filled circle.",
        "box" => "A square without a fill.",
        "filled-box" => "A filled square.",
        "cross" => "A cross.",
        "line" => "An open arrowhead of two lines.",
        "cf-one" => "Crow's foot: one.",
        "cf-many" => "Crow's foot: many.",
        "cf-one-required" => "Crow's foot: exactly one.",
        "cf-many-required" => "Crow's foot: one or many.",
        _ => return None,
    })
}

/// The settings of `vars.d2-config`.
pub const SETTINGS: &[&str] = &[
    "theme-id",
    "dark-theme-id",
    "pad",
    "sketch",
    "center",
    "layout-engine",
    "theme-overrides",
    "dark-theme-overrides",
    "data",
];

/// What a filter of a pattern (`&leaf: true`) may ask for besides keywords.
pub const FILTERS: &[&str] =
    &["leaf", "connected", "level", "src", "dst", "src.shape", "dst.shape", "label", "shape", "class"];

/// Keywords that mean something on an edge.
pub const OF_EDGES: &[&str] =
    &["style", "source-arrowhead", "target-arrowhead", "label", "class", "icon", "link", "tooltip"];

/// The values that a keyword takes, if it takes some of a list.
pub fn values(word: &str) -> &'static [&'static str] {
    match word {
        "shape" => SHAPES,
        "near" => NEAR,
        "direction" => DIRECTIONS,
        "fill-pattern" => FILL_PATTERNS,
        "text-transform" => TEXT_TRANSFORMS,
        "font" => FONTS,
        "shadow" | "multiple" | "3d" | "animated" | "filled" | "double-border" | "bold" | "italic" | "underline" => {
            &["true", "false"]
        }
        "constraint" => &["primary_key", "foreign_key", "unique"],
        "sketch" | "center" | "leaf" | "connected" => &["true", "false"],
        "layout-engine" => &["dagre", "elk", "tala"],
        _ => &[],
    }
}

/// For each first byte, the lengths of the keywords that begin with it, one bit each. Most names are told from keywords
/// by this alone.
const LENGTHS: [u32; 128] = {
    let mut lengths = [0; 128];
    let lists = [SIMPLE, COMPOSITE, STYLE];
    let mut list = 0;
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            let word = lists[list][at].as_bytes();
            lengths[word[0] as usize] |= 1 << word.len();
            at += 1;
        }
        list += 1;
    }
    lengths
};

/// Whether some keyword has the first letter and the length of a word, case ignored.
fn may_be_reserved(word: &str) -> bool {
    let first = word.as_bytes().first().map_or(0x7F, u8::to_ascii_lowercase);
    word.len() < 32 && first < 128 && LENGTHS[usize::from(first)] >> word.len() & 1 == 1
}

/// Whether a word, in the given case, is any keyword.
pub fn is_reserved(word: &str) -> bool {
    may_be_reserved(word) && (SIMPLE.contains(&word) || COMPOSITE.contains(&word) || STYLE.contains(&word))
}

/// Whether a word is any keyword, case ignored.
pub fn is_reserved_any_case(word: &str) -> bool {
    may_be_reserved(word) && is_reserved(&word.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keywords_are_reserved() {
        for word in SIMPLE.iter().chain(COMPOSITE).chain(STYLE) {
            assert!(is_reserved(word), "{word}");
            assert!(is_reserved_any_case(&word.to_uppercase()), "{word}");
            assert!(describe(word).is_some(), "{word}");
        }
        assert!(!is_reserved("server"));
    }
}
