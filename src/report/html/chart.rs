//! Small charts: one bar for each row, its parts as wide as their numbers. The numbers stand beside it.

/// Width of a whole bar, in units of the drawing.
pub(super) const WIDTH: usize = 1000;

/// One part of a bar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub class: &'static str,
    pub x: usize,
    pub width: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub parts: Vec<Part>,
}

/// Parts in the order given, without those that are empty; the whole is `WIDTH`.
pub(super) fn bar(numbers: &[(&'static str, usize)]) -> Bar {
    let sum: usize = numbers.iter().map(|(_, number)| number).sum();
    let mut before = 0;
    let mut parts = Vec::new();
    for (class, number) in numbers.iter().filter(|(_, number)| *number > 0) {
        // Edges, not widths, are rounded, so that no gap comes between two parts.
        let x = before * WIDTH / sum;
        before += number;
        let width = before * WIDTH / sum - x;
        parts.push(Part { class, x, width });
    }
    Bar { parts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_bar_and_touch() {
        let parts = bar(&[("pass", 1), ("fail", 0), ("review", 1), ("not_measured", 1)]).parts;
        assert_eq!(parts.iter().map(|part| part.x).collect::<Vec<_>>(), [0, 333, 666]);
        assert_eq!(parts.iter().map(|part| part.width).sum::<usize>(), WIDTH);
        assert_eq!(bar(&[("pass", 0)]).parts, []);
    }
}
