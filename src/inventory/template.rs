//! An empty list to fill in: headings, two example rows, drop-downs, and what each column means.

use std::path::Path;

use rust_xlsxwriter::{Color, DataValidation, Format, FormatAlign, FormatBorder, Workbook, Worksheet};

use crate::site::SiteId;

use super::fold::fold;
use super::read::NOTES_SHEET;
use super::write::{WriteError, put, save};

/// Rows that have drop-downs.
const LAST_ROW: u32 = 2_000;

/// The host of the examples (“name of the province”); everything below it is an example too.
const EXAMPLE_HOST: &str = "ten-tinh.gov.vn";
/// Stands in the names of the examples.
const EXAMPLE_MARK: &str = "ví dụ, xóa dòng này";

/// Whether a row with this address is one of the template's examples.
pub(super) fn is_example_address(site: &SiteId) -> bool {
    let host = site.bare_host();
    host == EXAMPLE_HOST
        || host
            .strip_suffix(EXAMPLE_HOST)
            .is_some_and(|unit| unit.ends_with('.'))
}

/// Whether a row with this name is one of the template's examples.
pub(super) fn is_example_name(name: &str) -> bool {
    fold(name).contains(&fold(EXAMPLE_MARK))
}

/// A column of the template: heading, width, what it means, two examples.
struct Described {
    title: &'static str,
    width: u16,
    meaning: &'static str,
    examples: [&'static str; 2],
    choices: &'static [&'static str],
}

const COLUMNS: &[Described] = &[
    Described {
        title: "STT",
        width: 6,
        meaning: "Số thứ tự. Dòng tên nhóm (ví dụ “Sở, ban, ngành”) đánh số La Mã I, II… và để trống địa chỉ.",
        examples: ["1", "2"],
        choices: &[],
    },
    Described {
        title: "Địa chỉ website",
        width: 36,
        meaning: "Bắt buộc. Địa chỉ trang chủ, ví dụ https://ten.gov.vn hoặc https://ten.gov.vn/web/so-a nếu trang nằm \
                  dưới một đường dẫn. Đơn vị chưa có trang thì ghi “chưa có”.",
        examples: ["https://ten-tinh.gov.vn", "https://sxd.ten-tinh.gov.vn"],
        choices: &[],
    },
    Described {
        title: "Tên cơ quan",
        width: 36,
        meaning: "Tên cơ quan, đơn vị có trang, viết đủ dấu.",
        examples: [
            "Cổng thông tin điện tử tỉnh … (ví dụ, xóa dòng này)",
            "Sở Xây dựng (ví dụ, xóa dòng này)",
        ],
        choices: &[],
    },
    Described {
        title: "Loại",
        width: 18,
        meaning: "Bắt buộc. “cổng” là cổng thông tin điện tử của bộ, tỉnh; “trang thành phần” là trang của từng đơn vị.",
        examples: ["cổng", "trang thành phần"],
        choices: &["cổng", "trang thành phần"],
    },
    Described {
        title: "Thuộc cổng",
        width: 26,
        meaning: "Với trang thành phần: địa chỉ cổng mà trang trực thuộc. Cổng không có trong danh sách chỉ được xem \
                  để so sánh, không đánh giá. Để trống được nếu danh sách chỉ có một cổng.",
        examples: ["", "ten-tinh.gov.vn"],
        choices: &[],
    },
    Described {
        title: "Cơ quan chủ quản",
        width: 28,
        meaning: "Cơ quan chịu trách nhiệm về trang. Để trống: mỗi trang tự chịu trách nhiệm.",
        examples: ["", ""],
        choices: &[],
    },
    Described {
        title: "Mã EMC",
        width: 14,
        meaning: "Mã số trang do Hệ thống EMC cấp (chỉ gồm chữ số). Nhiều mã cách nhau bằng “;”. Để trống nếu chưa biết.",
        examples: ["", ""],
        choices: &[],
    },
    Described {
        title: "Địa chỉ khác",
        width: 28,
        meaning: "Các địa chỉ khác của cùng trang này (tên miền cũ…), cách nhau bằng “;”.",
        examples: ["", ""],
        choices: &[],
    },
    Described {
        title: "Nhóm",
        width: 20,
        meaning: "Nhóm đơn vị khi tổng hợp: sở ngành, xã, phường… Để trống thì lấy theo dòng tên nhóm ở trên.",
        examples: ["", "Sở, ban, ngành"],
        choices: &[],
    },
    Described {
        title: "Nhà cung cấp",
        width: 20,
        meaning: "Đơn vị cung cấp phần mềm của trang.",
        examples: ["", ""],
        choices: &[],
    },
    Described {
        title: "Trạng thái",
        width: 18,
        meaning: "Để trống là “đang hoạt động”. “đã đóng”: không kiểm tra. “miễn”: được miễn, phải ghi lý do ở Ghi chú.",
        examples: ["đang hoạt động", "đang hoạt động"],
        choices: &["đang hoạt động", "đã đóng", "miễn"],
    },
    Described {
        title: "Ghi chú",
        width: 30,
        meaning: "Ghi chú tự do; bắt buộc khi trạng thái là “miễn”.",
        examples: ["", ""],
        choices: &[],
    },
];

/// Writes the template; an existing file is never replaced.
pub fn write_template(path: &Path) -> Result<(), WriteError> {
    let mut workbook = Workbook::new();
    write_list(workbook.add_worksheet())?;
    write_notes(workbook.add_worksheet())?;
    save(&mut workbook, path, false)
}

fn heading_look() -> Format {
    Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0x00DD_E6F0))
        .set_border(FormatBorder::Thin)
}

fn write_list(sheet: &mut Worksheet) -> Result<(), WriteError> {
    sheet.set_name("Danh sách")?;
    let heading = heading_look();
    // As text: a site id or an address must not become a number or a formula.
    let text = Format::new().set_num_format("@").set_text_wrap();
    let example = text.clone().set_italic().set_font_color(Color::RGB(0x0066_6666));
    for (column, described) in (0_u16..).zip(COLUMNS) {
        sheet.set_column_width(column, described.width)?;
        sheet.set_column_format(column, &text)?;
        put(sheet, 0, column, described.title, &heading)?;
        for (row, value) in (1..).zip(described.examples) {
            if !value.is_empty() {
                put(sheet, row, column, value, &example)?;
            }
        }
        if !described.choices.is_empty() {
            let choices = DataValidation::new()
                .allow_list_strings(described.choices)?
                .set_error_title("Giá trị không đúng")?
                .set_error_message("Chọn một giá trị trong danh sách.")?;
            sheet.add_data_validation(1, column, LAST_ROW, column, &choices)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn write_notes(sheet: &mut Worksheet) -> Result<(), WriteError> {
    sheet.set_name(NOTES_SHEET)?;
    let heading = heading_look();
    let name = Format::new().set_bold().set_align(FormatAlign::Top);
    let plain = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    put(sheet, 0, 0, "Cột", &heading)?;
    put(sheet, 0, 1, "Ý nghĩa", &heading)?;
    for (row, described) in (1..).zip(COLUMNS) {
        put(sheet, row, 0, described.title, &name)?;
        put(sheet, row, 1, described.meaning, &plain)?;
    }
    sheet.set_column_width(0, 24)?;
    sheet.set_column_width(1, 100)?;
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}
