//! How cells look. A status is told by its word; colour, pattern and weight only go along with it, so that a
//! grey print says the same. Only a fail is dark.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatPattern, FormatUnderline};

use crate::verdict::{Status, Verdict};

const LINE: Color = Color::RGB(0x00D0_D7DE);

/// Formats of the whole workbook.
#[derive(Debug)]
pub(super) struct Looks {
    pub title: Format,
    pub note: Format,
    pub heading: Format,
    pub plain: Format,
    pub code: Format,
    pub number: Format,
    pub link: Format,
    pass: Format,
    fail: Format,
    review: Format,
    not_measured: Format,
    not_applicable: Format,
}

impl Looks {
    pub(super) fn new() -> Self {
        let cell = Format::new()
            .set_align(FormatAlign::Top)
            .set_text_wrap()
            .set_border(FormatBorder::Thin)
            .set_border_color(LINE);
        let filled = |colour: u32| cell.clone().set_background_color(Color::RGB(colour));
        Self {
            title: Format::new().set_bold().set_font_size(15),
            note: Format::new().set_font_color(Color::RGB(0x005B_6675)),
            heading: filled(0x00DD_E6F0)
                .set_bold()
                .set_align(FormatAlign::VerticalCenter),
            code: cell.clone().set_font_name("Consolas").set_font_size(9),
            number: cell.clone().set_align(FormatAlign::Right),
            link: cell
                .clone()
                .set_font_color(Color::RGB(0x000B_57A4))
                .set_underline(FormatUnderline::Single),
            pass: filled(0x00E3_F4EA),
            fail: filled(0x00B3_261E).set_font_color(Color::White).set_bold(),
            review: filled(0x00FF_F3CD).set_italic(),
            not_measured: cell
                .clone()
                .set_foreground_color(Color::RGB(0x00C9_D1DA))
                .set_background_color(Color::White)
                .set_pattern(FormatPattern::LightUp),
            not_applicable: cell.clone().set_font_color(Color::RGB(0x005B_6675)),
            plain: cell,
        }
    }

    pub(super) fn status(&self, status: Status) -> &Format {
        match status {
            Status::Pass => &self.pass,
            Status::Fail => &self.fail,
            Status::Review => &self.review,
            Status::NotMeasured => &self.not_measured,
            Status::NotApplicable => &self.not_applicable,
        }
    }

    pub(super) fn verdict(&self, verdict: Verdict) -> &Format {
        match verdict {
            Verdict::Pass => &self.pass,
            Verdict::Fail => &self.fail,
            Verdict::Review => &self.review,
            Verdict::NotMeasured => &self.not_measured,
        }
    }
}
