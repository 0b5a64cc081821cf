//! The page's colors, read from the style sheet once and again when light and dark change.

use super::frame;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// A color of the page, without transparency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Color {
    /// Red, green and blue.
    pub rgb: [u8; 3],
}

/// The custom properties of the style sheet that pictures and charts use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Theme {
    /// The page.
    pub paper: Color,
    /// Surfaces on the page, and the zero of a tensor.
    pub panel: Color,
    /// Text and curves.
    pub ink: Color,
    /// Quieter text.
    pub ink_2: Color,
    /// Hairlines.
    pub line: Color,
    /// Empty bars and pressed buttons.
    pub fill: Color,
    /// Values above zero.
    pub positive: Color,
    /// Values below zero.
    pub negative: Color,
    /// Classes of points.
    pub classes: [Color; 5],
}

impl Color {
    /// As a style sheet writes it.
    pub fn css(self) -> String {
        let [red, green, blue] = self.rgb;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// Reads `#rgb`, `#rrggbb` and `rgb(r, g, b)`.
    ///
    /// ```
    /// use descent_app::canvas::theme::Color;
    /// assert_eq!(Color::parse("#2b6cd4"), Some(Color { rgb: [0x2b, 0x6c, 0xd4] }));
    /// assert_eq!(Color::parse("rgb(1, 2, 3)"), Some(Color { rgb: [1, 2, 3] }));
    /// ```
    pub fn parse(text: &str) -> Option<Color> {
        let text = text.trim();
        if let Some(hex) = text.strip_prefix('#') {
            let long: String = match hex.len() {
                3 => hex.chars().flat_map(|digit| [digit, digit]).collect(),
                6 => hex.to_owned(),
                _ => return None,
            };
            let channel = |from: usize| u8::from_str_radix(long.get(from..from + 2)?, 16).ok();
            return Some(Color { rgb: [channel(0)?, channel(2)?, channel(4)?] });
        }
        let inside = text.strip_prefix("rgb(")?.strip_suffix(')')?;
        let mut channels = inside.split([',', ' ']).filter(|part| !part.is_empty()).map(|part| part.parse().ok());
        Some(Color { rgb: [channels.next()??, channels.next()??, channels.next()??] })
    }

    /// This color at `share` 0, `other` at 1.
    pub fn mix(self, other: Color, share: f32) -> Color {
        let share = share.clamp(0.0, 1.0);
        let blend = |from: u8, to: u8| (f32::from(from) + (f32::from(to) - f32::from(from)) * share).round() as u8;
        Color { rgb: std::array::from_fn(|idx| blend(self.rgb[idx], other.rgb[idx])) }
    }
}

impl Theme {
    /// The color of a value in `[-1, 1]`: blue above zero, orange below, the panel at zero.
    pub fn diverging(&self, value: f32) -> Color {
        if value.is_nan() {
            return self.ink_2;
        }
        self.panel.mix(if value >= 0.0 { self.positive } else { self.negative }, value.abs())
    }

    /// The color of a class.
    pub fn class(&self, class: usize) -> Color {
        self.classes[class % self.classes.len()]
    }

    /// Whichever of ink and paper reads better on `ground`.
    pub fn on(&self, ground: Color) -> Color {
        let light = |color: Color| {
            let [red, green, blue] = color.rgb.map(f32::from);
            0.299 * red + 0.587 * green + 0.114 * blue
        };
        let distance = |color: Color| (light(color) - light(ground)).abs();
        if distance(self.ink) >= distance(self.paper) { self.ink } else { self.paper }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Theme>>> = const { RefCell::new(None) };
    static FONT: RefCell<Option<Rc<str>>> = const { RefCell::new(None) };
}

/// The colors in force. The first call also listens for changes, after which every canvas is drawn again.
pub fn current() -> Rc<Theme> {
    if let Some(theme) = CURRENT.with_borrow(Clone::clone) {
        return theme;
    }
    listen();
    let theme = Rc::new(read().unwrap_or_default());
    CURRENT.set(Some(theme.clone()));
    theme
}

/// The font family of the page, for text on canvas.
pub fn font() -> Rc<str> {
    if let Some(font) = FONT.with_borrow(Clone::clone) {
        return font;
    }
    let family = || {
        let window = web_sys::window()?;
        let style = window.get_computed_style(window.document()?.body()?.as_ref()).ok()??;
        style.get_property_value("font-family").ok().filter(|family| !family.is_empty())
    };
    let font: Rc<str> = family().unwrap_or_else(|| "sans-serif".into()).into();
    FONT.set(Some(font.clone()));
    font
}

fn read() -> Option<Theme> {
    let window = web_sys::window()?;
    let style = window.get_computed_style(&window.document()?.document_element()?).ok()??;
    let color = |name: &str| {
        let text = style.get_property_value(name).unwrap_or_default();
        Color::parse(&text).unwrap_or_default()
    };
    Some(Theme {
        paper: color("--paper"),
        panel: color("--panel"),
        ink: color("--ink"),
        ink_2: color("--ink-2"),
        line: color("--line"),
        fill: color("--fill"),
        positive: color("--positive"),
        negative: color("--negative"),
        classes: ["--class-0", "--class-1", "--class-2", "--class-3", "--class-4"].map(color),
    })
}

/// Two things change the theme: the system's preference, and an attribute on the root element.
fn listen() {
    thread_local!(static LISTENING: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
    if LISTENING.replace(true) {
        return;
    }
    let Some(window) = web_sys::window() else {
        return;
    };
    let changed = Closure::<dyn FnMut(JsValue)>::new(|_| {
        CURRENT.set(None);
        FONT.set(None);
        frame::request_all();
    });
    if let Ok(Some(query)) = window.match_media("(prefers-color-scheme: dark)") {
        let _ = query.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
        // The list must outlive this call for its events to keep coming.
        std::mem::forget(query);
    }
    if let (Ok(observer), Some(root)) = (
        web_sys::MutationObserver::new(changed.as_ref().unchecked_ref()),
        window.document().and_then(|document| document.document_element()),
    ) {
        let options = web_sys::MutationObserverInit::new();
        options.set_attributes(true);
        let _ = observer.observe_with_options(&root, &options);
        std::mem::forget(observer);
    }
    changed.forget();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_read_and_written() {
        for text in ["#2b6cd4", "rgb(43, 108, 212)", "rgb(43 108 212)", " #2b6cd4 "] {
            assert_eq!(Color::parse(text).map(Color::css).as_deref(), Some("#2b6cd4"), "{text}");
        }
        assert_eq!(Color::parse("#fff"), Some(Color { rgb: [255; 3] }));
        for bad in ["", "#12", "#zzzzzz", "rgb(1,2)", "blue", "#ééé"] {
            assert_eq!(Color::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn zero_is_the_panel_and_signs_have_their_colors() {
        let [panel, positive, negative] = [[255, 255, 255], [0, 0, 200], [200, 100, 0]].map(|rgb| Color { rgb });
        let theme = Theme { panel, positive, negative, ink: Color { rgb: [20; 3] }, paper: panel, ..Theme::default() };
        assert_eq!(theme.diverging(0.0), panel);
        assert_eq!(theme.diverging(1.0), positive);
        assert_eq!(theme.diverging(-7.0), negative);
        assert_eq!(theme.diverging(0.5).rgb, [128, 128, 228]);
        assert_eq!(theme.on(positive), panel);
        assert_eq!(theme.on(panel), theme.ink);
    }
}
