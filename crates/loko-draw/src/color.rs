//! Colours: reading CSS notation, mixing in a space where mixing looks even (OKLab), and WCAG contrast.
//!
//! OKLab after Björn Ottosson, "A perceptual color space for image processing" (2020); contrast after WCAG 2.2, 1.4.3.

use std::sync::LazyLock;

/// An sRGB colour with opacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
    /// Opacity: 0 is invisible, 255 solid.
    pub a: u8,
}

impl Color {
    /// A solid colour from `0xRRGGBB`.
    pub const fn rgb(code: u32) -> Self {
        Self { r: (code >> 16) as u8, g: (code >> 8) as u8, b: code as u8, a: 255 }
    }

    /// Reads `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, `rgb(…)`, `rgba(…)`, a CSS colour name or `transparent`.
    ///
    /// ```
    /// use loko_draw::Color;
    /// assert_eq!(Color::parse("#fa0"), Some(Color::rgb(0xffaa00)));
    /// assert_eq!(Color::parse("Rebeccapurple"), Some(Color::rgb(0x663399)));
    /// assert_eq!(Color::parse("mauvish"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if let Some(code) = text.strip_prefix('#') {
            return parse_code(code);
        }
        if text == "transparent" || text == "none" {
            return Some(Self { r: 0, g: 0, b: 0, a: 0 });
        }
        if let Some(inner) = text.strip_prefix("rgba(").or_else(|| text.strip_prefix("rgb(")) {
            return parse_function(inner.strip_suffix(')')?);
        }
        NAMES.binary_search_by_key(&text.as_str(), |(name, _)| name).ok().map(|at| Self::rgb(NAMES[at].1))
    }

    /// The colour as CSS: `#rgb`, `#rrggbb` or `#rrggbbaa`.
    pub fn css(self) -> String {
        let Self { r, g, b, a } = self;
        if a != 255 {
            format!("#{r:02x}{g:02x}{b:02x}{a:02x}")
        } else if [r, g, b].iter().all(|part| part >> 4 == part & 15) {
            format!("#{:x}{:x}{:x}", r & 15, g & 15, b & 15)
        } else {
            format!("#{r:02x}{g:02x}{b:02x}")
        }
    }

    /// The colour with `part` (0 to 1) of the other mixed in.
    pub fn mix(self, other: Self, part: f64) -> Self {
        let (one, two) = (self.oklab(), other.oklab());
        let blend = |at: usize| one[at] + (two[at] - one[at]) * part;
        let a = f64::from(self.a) + (f64::from(other.a) - f64::from(self.a)) * part;
        Self { a: a.round() as u8, ..Self::from_oklab([blend(0), blend(1), blend(2)]) }
    }

    /// This colour seen over a solid one.
    pub fn over(self, below: Self) -> Self {
        let part = f64::from(self.a) / 255.0;
        let blend = |top: u8, bottom: u8| (f64::from(top) * part + f64::from(bottom) * (1.0 - part)).round() as u8;
        Self { r: blend(self.r, below.r), g: blend(self.g, below.g), b: blend(self.b, below.b), a: 255 }
    }

    /// The perceived lightness from 0 (black) to 1 (white).
    pub fn lightness(self) -> f64 {
        self.oklab()[0]
    }

    /// The colour in another lightness, its hue kept, its colourfulness multiplied.
    pub fn shade(self, lightness: f64, colourfulness: f64) -> Self {
        let [_, a, b] = self.oklab();
        Self { a: self.a, ..Self::from_oklab([lightness, a * colourfulness, b * colourfulness]) }
    }

    /// The contrast ratio of WCAG, 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The nearest colour to this one, lighter or darker, that has this contrast on a ground; black or white if none has.
    pub fn readable_on(self, ground: Self, ratio: f64) -> Self {
        if self.contrast(ground) >= ratio {
            return self;
        }
        let (black, white) = (Self::rgb(0), Self::rgb(0xff_ff_ff));
        let end = if black.contrast(ground) >= white.contrast(ground) { black } else { white };
        let steps = (1..=20).map(|step| self.mix(end, f64::from(step) / 20.0));
        steps.into_iter().find(|color| color.contrast(ground) >= ratio).unwrap_or(end)
    }

    fn luminance(self) -> f64 {
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }

    fn oklab(self) -> [f64; 3] {
        let (r, g, b) = (linear(self.r), linear(self.g), linear(self.b));
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        [
            0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
            1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
            0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
        ]
    }

    fn from_oklab([light, a, b]: [f64; 3]) -> Self {
        let l = (light + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (light - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (light - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
        Self {
            r: gamma(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
            g: gamma(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
            b: gamma(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s),
            a: 255,
        }
    }
}

/// A part of a colour as light; asked so often that the answers are kept.
fn linear(part: u8) -> f64 {
    static LIGHT: LazyLock<[f64; 256]> = LazyLock::new(|| {
        std::array::from_fn(|part| {
            let part = part as f64 / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    });
    LIGHT[usize::from(part)]
}

fn gamma(part: f64) -> u8 {
    let part = part.clamp(0.0, 1.0);
    let part = if part <= 0.003_130_8 { part * 12.92 } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 };
    (part * 255.0).round() as u8
}

fn parse_code(code: &str) -> Option<Color> {
    if !code.is_ascii() {
        return None;
    }
    let part = |at: usize, len: usize| u8::from_str_radix(code.get(at * len..(at + 1) * len)?, 16).ok();
    let wide = |at: usize| part(at, 1).map(|digit| digit * 17);
    match code.len() {
        3 => Some(Color { r: wide(0)?, g: wide(1)?, b: wide(2)?, a: 255 }),
        4 => Some(Color { r: wide(0)?, g: wide(1)?, b: wide(2)?, a: wide(3)? }),
        6 => Some(Color { r: part(0, 2)?, g: part(1, 2)?, b: part(2, 2)?, a: 255 }),
        8 => Some(Color { r: part(0, 2)?, g: part(1, 2)?, b: part(2, 2)?, a: part(3, 2)? }),
        _ => None,
    }
}

fn parse_function(inner: &str) -> Option<Color> {
    let parts: Vec<&str> = inner.split([',', ' ', '/']).filter(|part| !part.is_empty()).collect();
    let number = |part: &str, whole: f64| match part.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().ok().map(|value| value / 100.0 * 255.0),
        None => part.parse::<f64>().ok().map(|value| value * 255.0 / whole),
    };
    let byte = |value: f64| value.round().clamp(0.0, 255.0) as u8;
    let (&[r, g, b], alpha) = (parts.first_chunk::<3>()?, parts.get(3));
    let a = alpha.map_or(Some(255.0), |part| number(part, 1.0))?;
    Some(Color { r: byte(number(r, 255.0)?), g: byte(number(g, 255.0)?), b: byte(number(b, 255.0)?), a: byte(a) })
}

/// The names of CSS Color Level 4 in alphabetical order.
#[rustfmt::skip]
const NAMES: [(&str, u32); 148] = [
    ("aliceblue", 0xf0f8ff), ("antiquewhite", 0xfaebd7), ("aqua", 0x00ffff), ("aquamarine", 0x7fffd4),
    ("azure", 0xf0ffff), ("beige", 0xf5f5dc), ("bisque", 0xffe4c4), ("black", 0x000000),
    ("blanchedalmond", 0xffebcd), ("blue", 0x0000ff), ("blueviolet", 0x8a2be2), ("brown", 0xa52a2a),
    ("burlywood", 0xdeb887), ("cadetblue", 0x5f9ea0), ("chartreuse", 0x7fff00), ("chocolate", 0xd2691e),
    ("coral", 0xff7f50), ("cornflowerblue", 0x6495ed), ("cornsilk", 0xfff8dc), ("crimson", 0xdc143c),
    ("cyan", 0x00ffff), ("darkblue", 0x00008b), ("darkcyan", 0x008b8b), ("darkgoldenrod", 0xb8860b),
    ("darkgray", 0xa9a9a9), ("darkgreen", 0x006400), ("darkgrey", 0xa9a9a9), ("darkkhaki", 0xbdb76b),
    ("darkmagenta", 0x8b008b), ("darkolivegreen", 0x556b2f), ("darkorange", 0xff8c00), ("darkorchid", 0x9932cc),
    ("darkred", 0x8b0000), ("darksalmon", 0xe9967a), ("darkseagreen", 0x8fbc8f), ("darkslateblue", 0x483d8b),
    ("darkslategray", 0x2f4f4f), ("darkslategrey", 0x2f4f4f), ("darkturquoise", 0x00ced1), ("darkviolet", 0x9400d3),
    ("deeppink", 0xff1493), ("deepskyblue", 0x00bfff), ("dimgray", 0x696969), ("dimgrey", 0x696969),
    ("dodgerblue", 0x1e90ff), ("firebrick", 0xb22222), ("floralwhite", 0xfffaf0), ("forestgreen", 0x228b22),
    ("fuchsia", 0xff00ff), ("gainsboro", 0xdcdcdc), ("ghostwhite", 0xf8f8ff), ("gold", 0xffd700),
    ("goldenrod", 0xdaa520), ("gray", 0x808080), ("green", 0x008000), ("greenyellow", 0xadff2f), ("grey", 0x808080),
    ("honeydew", 0xf0fff0), ("hotpink", 0xff69b4), ("indianred", 0xcd5c5c), ("indigo", 0x4b0082),
    ("ivory", 0xfffff0), ("khaki", 0xf0e68c), ("lavender", 0xe6e6fa), ("lavenderblush", 0xfff0f5),
    ("lawngreen", 0x7cfc00), ("lemonchiffon", 0xfffacd), ("lightblue", 0xadd8e6), ("lightcoral", 0xf08080),
    ("lightcyan", 0xe0ffff), ("lightgoldenrodyellow", 0xfafad2), ("lightgray", 0xd3d3d3), ("lightgreen", 0x90ee90),
    ("lightgrey", 0xd3d3d3), ("lightpink", 0xffb6c1), ("lightsalmon", 0xffa07a), ("lightseagreen", 0x20b2aa),
    ("lightskyblue", 0x87cefa), ("lightslategray", 0x778899), ("lightslategrey", 0x778899),
    ("lightsteelblue", 0xb0c4de), ("lightyellow", 0xffffe0), ("lime", 0x00ff00), ("limegreen", 0x32cd32),
    ("linen", 0xfaf0e6), ("magenta", 0xff00ff), ("maroon", 0x800000), ("mediumaquamarine", 0x66cdaa),
    ("mediumblue", 0x0000cd), ("mediumorchid", 0xba55d3), ("mediumpurple", 0x9370db), ("mediumseagreen", 0x3cb371),
    ("mediumslateblue", 0x7b68ee), ("mediumspringgreen", 0x00fa9a), ("mediumturquoise", 0x48d1cc),
    ("mediumvioletred", 0xc71585), ("midnightblue", 0x191970), ("mintcream", 0xf5fffa), ("mistyrose", 0xffe4e1),
    ("moccasin", 0xffe4b5), ("navajowhite", 0xffdead), ("navy", 0x000080), ("oldlace", 0xfdf5e6),
    ("olive", 0x808000), ("olivedrab", 0x6b8e23), ("orange", 0xffa500), ("orangered", 0xff4500),
    ("orchid", 0xda70d6), ("palegoldenrod", 0xeee8aa), ("palegreen", 0x98fb98), ("paleturquoise", 0xafeeee),
    ("palevioletred", 0xdb7093), ("papayawhip", 0xffefd5), ("peachpuff", 0xffdab9), ("peru", 0xcd853f),
    ("pink", 0xffc0cb), ("plum", 0xdda0dd), ("powderblue", 0xb0e0e6), ("purple", 0x800080),
    ("rebeccapurple", 0x663399), ("red", 0xff0000), ("rosybrown", 0xbc8f8f), ("royalblue", 0x4169e1),
    ("saddlebrown", 0x8b4513), ("salmon", 0xfa8072), ("sandybrown", 0xf4a460), ("seagreen", 0x2e8b57),
    ("seashell", 0xfff5ee), ("sienna", 0xa0522d), ("silver", 0xc0c0c0), ("skyblue", 0x87ceeb),
    ("slateblue", 0x6a5acd), ("slategray", 0x708090), ("slategrey", 0x708090), ("snow", 0xfffafa),
    ("springgreen", 0x00ff7f), ("steelblue", 0x4682b4), ("tan", 0xd2b48c), ("teal", 0x008080), ("thistle", 0xd8bfd8),
    ("tomato", 0xff6347), ("turquoise", 0x40e0d0), ("violet", 0xee82ee), ("wheat", 0xf5deb3), ("white", 0xffffff),
    ("whitesmoke", 0xf5f5f5), ("yellow", 0xffff00), ("yellowgreen", 0x9acd32),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_for_the_binary_search() {
        assert!(NAMES.is_sorted_by(|one, two| one.0 < two.0));
    }

    #[test]
    fn mixing_ends_at_its_ends() {
        let (one, two) = (Color::rgb(0x12_34_56), Color::rgb(0xfe_dc_ba));
        assert_eq!(one.mix(two, 0.0), one);
        assert_eq!(one.mix(two, 1.0), two);
        assert_eq!(Color::rgb(0).mix(Color::rgb(0xff_ff_ff), 0.5), Color::rgb(0x63_63_63));
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((Color::rgb(0).contrast(Color::rgb(0xff_ff_ff)) - 21.0).abs() < 1e-9);
        assert!((Color::rgb(0x77_77_77).contrast(Color::rgb(0xff_ff_ff)) - 4.48).abs() < 0.01);
    }

    #[test]
    fn readable_colours_are_readable() {
        for ground in (0..64).map(|step| Color::rgb(step * 0x03_02_05)) {
            assert!(Color::rgb(0x80_80_80).readable_on(ground, 4.5).contrast(ground) >= 4.5, "{ground:?}");
        }
    }

    #[test]
    fn functions_are_read() {
        assert_eq!(Color::parse("rgb(1, 2, 3)"), Some(Color { r: 1, g: 2, b: 3, a: 255 }));
        assert_eq!(Color::parse("rgba(100%,0%,0%,0.5)"), Some(Color { r: 255, g: 0, b: 0, a: 128 }));
        assert_eq!(Color::parse("rgb(1,2)"), None);
        assert_eq!(Color::parse("#12"), None);
    }
}
