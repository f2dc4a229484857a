//! A trend as an SVG inside a page: a line through the months, with gaps where there is no figure. Made of numbers
//! alone, so nothing of a page or a table can get into its markup.

use std::fmt::Write as _;

use super::figures::{Month, with_points};

const HEIGHT: f64 = 40.0;
const EDGE: f64 = 4.0;

/// The drawing, `width` pixels wide; its words are read out where it cannot be seen. Nothing where there is no figure.
#[allow(clippy::cast_precision_loss)] // pixels
pub fn trend_svg(trend: &[(Month, Option<u64>)], width: u32) -> String {
    let width = f64::from(width);
    let most = trend
        .iter()
        .filter_map(|(_, visits)| *visits)
        .max()
        .unwrap_or_default()
        .max(1);
    let step = if trend.len() > 1 {
        (width - 2.0 * EDGE) / (trend.len() - 1) as f64
    } else {
        0.0
    };
    let point = |at: usize, visits: u64| {
        let x = if step > 0.0 {
            EDGE + step * at as f64
        } else {
            width / 2.0
        };
        let y = HEIGHT - EDGE - (HEIGHT - 2.0 * EDGE) * (visits as f64 / most as f64);
        (x, y)
    };
    let (mut path, mut dots, mut said) = (String::new(), String::new(), String::new());
    let mut is_down = false;
    for (at, (month, visits)) in trend.iter().enumerate() {
        let Some(visits) = visits else {
            is_down = false;
            continue;
        };
        let (x, y) = point(at, *visits);
        let _ = write!(path, "{}{x:.1} {y:.1}", if is_down { "L" } else { "M" });
        is_down = true;
        let is_last = at + 1 == trend.len();
        let is_alone = at.checked_sub(1).is_none_or(|before| trend[before].1.is_none())
            && trend.get(at + 1).is_none_or(|(_, next)| next.is_none());
        if is_last || is_alone {
            let _ = write!(dots, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>");
        }
        let separator = if said.is_empty() { "" } else { ", " };
        let _ = write!(
            said,
            "{separator}{}: {}",
            month.for_people(),
            with_points(*visits)
        );
    }
    if said.is_empty() {
        return String::new();
    }
    format!(
        "<svg class=\"trend\" role=\"img\" viewBox=\"0 0 {width} {HEIGHT}\" width=\"{width}\" height=\"{HEIGHT}\"><title>{said}</title><path d=\"{path}\"/>{dots}</svg>"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_gap_breaks_the_line_and_a_lonely_month_is_a_dot() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let svg = trend_svg(
            &[
                (month("2026-08"), Some(4)),
                (month("2026-09"), None),
                (month("2026-10"), Some(2)),
                (month("2026-11"), Some(1_000)),
            ],
            120,
        );
        assert_eq!(svg.matches('M').count(), 2, "{svg}");
        assert_eq!(svg.matches("<circle").count(), 2, "{svg}");
        assert!(svg.contains("11/2026: 1.000"), "{svg}");
        assert!(!svg.contains("NaN"));
        assert_eq!(
            trend_svg(&[(month("2026-08"), None)], 100),
            "",
            "nothing to draw, and nothing to say"
        );
    }
}
