//! One sheet, written row by row: headings that stay, filters, widths, and the page set up for A4.

use rust_xlsxwriter::{Format, Url, Worksheet, XlsxError};

use super::super::guarded;
use super::looks::Looks;

/// Characters of one cell; Excel bears 32,767.
const CELL: usize = 32_000;
/// Excel opens no sheet with more than 65,530.
const LINKS: usize = 65_000;
const A4: u8 = 9;

/// A column: its heading, and its width in characters.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub heading: String,
    pub width: u16,
}

/// A sheet with the place where the next cell goes.
pub(super) struct Sheet<'a> {
    worksheet: &'a mut Worksheet,
    pub looks: &'a Looks,
    row: u32,
    column: u16,
    links: usize,
}

impl<'a> Sheet<'a> {
    /// Set up for printing: A4 across, as wide as the page, numbered.
    pub(super) fn new(
        worksheet: &'a mut Worksheet,
        name: &str,
        footer: &str,
        looks: &'a Looks,
    ) -> Result<Self, XlsxError> {
        worksheet.set_name(name)?;
        worksheet
            .set_paper_size(A4)
            .set_landscape()
            .set_print_fit_to_pages(1, 0)
            .set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
        // `&` begins a code of its own there.
        worksheet.set_footer(format!("&L&8{}&C&8&A&R&8&P / &N", footer.replace('&', "&&")));
        Ok(Self {
            worksheet,
            looks,
            row: 0,
            column: 0,
            links: 0,
        })
    }

    /// The heading row, which stays in view, is printed on every page and carries the filters. Columns from
    /// `printed` on are for the screen.
    pub(super) fn table(&mut self, columns: &[Column], rows: usize, printed: usize) -> Result<(), XlsxError> {
        let first = self.row;
        let last_row = first
            .saturating_add(u32::try_from(rows).unwrap_or(u32::MAX))
            .max(first);
        let count = u16::try_from(columns.len()).unwrap_or(u16::MAX).max(1);
        for (at, column) in (0..).zip(columns) {
            self.worksheet.set_column_width(at, column.width)?;
        }
        self.worksheet.set_freeze_panes(first + 1, 2)?;
        self.worksheet.set_repeat_rows(first, first)?;
        self.worksheet.autofilter(first, 0, last_row, count - 1)?;
        let printed = u16::try_from(printed).unwrap_or(count).clamp(1, count);
        self.worksheet.set_print_area(0, 0, last_row, printed - 1)?;
        self.headings(columns.iter().map(|column| column.heading.as_str()))
    }

    pub(super) fn headings<'h>(&mut self, names: impl Iterator<Item = &'h str>) -> Result<(), XlsxError> {
        let looks = self.looks;
        for name in names {
            self.put(name, &looks.heading)?;
        }
        self.next_row();
        Ok(())
    }

    pub(super) fn next_row(&mut self) {
        self.row += 1;
        self.column = 0;
    }

    pub(super) fn width(&mut self, column: u16, width: u16) -> Result<(), XlsxError> {
        self.worksheet.set_column_width(column, width)?;
        Ok(())
    }

    /// A text in the next cell. It is always a text, whatever it begins with; the sign before what looks like a
    /// formula is for those who save the sheet as CSV.
    pub(super) fn put(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        let text = cell(text);
        self.worksheet
            .write_string_with_format(self.row, self.column, text, format)?;
        self.column += 1;
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), XlsxError> {
        let looks = self.looks;
        self.put(text, &looks.plain)
    }

    pub(super) fn number(&mut self, number: usize) -> Result<(), XlsxError> {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.worksheet
            .write_number_with_format(self.row, self.column, number, &self.looks.number)?;
        self.column += 1;
        Ok(())
    }

    /// A link to a file beside the workbook, which holds wherever the folder goes.
    pub(super) fn link(&mut self, path: Option<&str>, text: &str) -> Result<(), XlsxError> {
        let looks = self.looks;
        let Some(path) = path.filter(|_| self.links < LINKS) else {
            return self.put(text, &looks.plain);
        };
        self.links += 1;
        // What is escaped in the name of a folder is escaped once more in an address.
        let address = format!("file:///{}", path.replace('%', "%25"));
        let url = Url::new(address).set_text(cell(text));
        match self
            .worksheet
            .write_url_with_format(self.row, self.column, &url, &looks.link)
        {
            Err(XlsxError::MaxUrlLengthExceeded) => return self.put(text, &looks.plain),
            written => written?,
        };
        self.column += 1;
        Ok(())
    }
}

/// What a cell can hold: no control characters but line ends, not too long, and no formula.
fn cell(text: &str) -> String {
    let kept = text
        .chars()
        .filter(|c| !c.is_control() || *c == '\n' || *c == '\t');
    guarded(&kept.take(CELL).collect::<String>())
}
