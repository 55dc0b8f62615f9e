//! How an object or edge looks, as far as somebody said so; themes fill in the rest.

use serde::Serialize;

/// The styles that were set. Numbers are in pixels unless said otherwise; paints are colour names, `#` codes or CSS gradients.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Style {
    /// 0 (invisible) to 1.
    pub opacity: Option<f64>,
    /// The paint of lines and borders.
    pub stroke: Option<String>,
    /// The paint of the inside.
    pub fill: Option<String>,
    /// `none`, `dots`, `lines`, `grain` or `paper`.
    pub fill_pattern: Option<String>,
    /// 0 to 15.
    pub stroke_width: Option<f64>,
    /// 0 to 10; 0 is a solid line.
    pub stroke_dash: Option<f64>,
    /// The radius of rounded corners.
    pub border_radius: Option<f64>,
    /// The paint of the label.
    pub font_color: Option<String>,
    /// 8 to 100.
    pub font_size: Option<f64>,
    /// The font family (`mono`).
    pub font: Option<String>,
    /// Bold label.
    pub bold: Option<bool>,
    /// Italic label.
    pub italic: Option<bool>,
    /// Underlined label.
    pub underline: Option<bool>,
    /// `none`, `uppercase`, `lowercase`, `capitalize` or `title`.
    pub text_transform: Option<String>,
    /// A shadow behind the shape.
    pub shadow: Option<bool>,
    /// Several copies behind each other.
    pub multiple: Option<bool>,
    /// A box with depth (`3d`).
    #[serde(rename = "3d")]
    pub three_d: Option<bool>,
    /// Two borders.
    pub double_border: Option<bool>,
    /// A moving line.
    pub animated: Option<bool>,
    /// A filled arrowhead.
    pub filled: Option<bool>,
}

impl Style {
    /// Whether nothing was set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
