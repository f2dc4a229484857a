//! What is said about a list, in Vietnamese and English: one place for all sentences.

use crate::language::Language;
use crate::site::{Role, SiteId};

use super::fold::one_line;
use super::problem::{FileProblem, ListError, Problem, Remark, RemarkKind, RowPlace, RowProblem};

/// Longer values are cut when they are shown.
const LONGEST_VALUE: usize = 80;

type Pair = (String, String);

fn pair(vi: impl Into<String>, en: impl Into<String>) -> Pair {
    (vi.into(), en.into())
}

fn choose(pair: Pair, language: Language) -> String {
    match language {
        Language::Vietnamese => pair.0,
        Language::English => pair.1,
    }
}

/// A value as it is quoted: on one line, not too long.
fn shown(value: &str) -> String {
    let line = one_line(value);
    if line.chars().count() <= LONGEST_VALUE {
        return line;
    }
    let head: String = line.chars().take(LONGEST_VALUE).collect();
    format!("{head}…")
}

impl RowPlace {
    /// `sheet "Sở", line 12`.
    pub fn text(&self, language: Language) -> String {
        let line = self.line;
        let names = match &self.sheet {
            Some(sheet) => pair(
                format!("trang tính “{sheet}”, dòng {line}"),
                format!("sheet “{sheet}”, line {line}"),
            ),
            None => pair(format!("dòng {line}"), format!("line {line}")),
        };
        choose(names, language)
    }
}

impl Problem {
    /// What is wrong, as a fragment in lower case.
    pub fn message(&self, language: Language) -> String {
        let both = match self {
            Self::NoAddress { .. } => pair("chưa có địa chỉ website", "no web address"),
            Self::Scheme(scheme) => pair(
                format!("địa chỉ bắt đầu bằng “{scheme}:”, không phải http hoặc https"),
                format!("the address begins with “{scheme}:”, not http or https"),
            ),
            Self::NotAnAddress => pair("không phải địa chỉ website", "not a web address"),
            Self::MailAddress => pair("là địa chỉ thư điện tử", "an e-mail address"),
            Self::UnknownRole => pair("không phải một loại trang", "not a role"),
            Self::RoleUnclear => pair(
                "không rõ là cổng hay trang thành phần",
                "unclear whether portal or component",
            ),
            Self::PortalIsItself => pair(
                "cổng của trang này lại chính là nó",
                "the site is named as its own portal",
            ),
            Self::PortalIsComponent(place) => pair(
                format!(
                    "cổng được ghi là một trang thành phần ({})",
                    place.text(Language::Vietnamese)
                ),
                format!(
                    "the portal is listed as a component ({})",
                    place.text(Language::English)
                ),
            ),
            Self::PortalUnknown => pair(
                "không phải địa chỉ của cổng, cũng không phải tên một trang trong danh sách",
                "neither the address of a portal nor the name of a listed site",
            ),
            Self::PortalUnclear(0) => pair("chưa ghi thuộc cổng nào", "no portal is named"),
            Self::PortalUnclear(count) => pair(
                format!("chưa ghi thuộc cổng nào trong {count} cổng của danh sách"),
                format!("none of the list's {count} portals is named"),
            ),
            Self::Duplicate(first) => pair(
                format!("trang này đã có ở {}", first.text(Language::Vietnamese)),
                format!("the site is listed already: {}", first.text(Language::English)),
            ),
            Self::UnknownState => pair("không phải một trạng thái", "not a state"),
            Self::ExemptWithoutNote => pair("được miễn nhưng không ghi lý do", "exempt without a note"),
            Self::SiteIdNotANumber => pair("mã EMC không phải là số", "the EMC site id is not a number"),
            Self::SiteIdZero => pair("mã EMC bằng 0", "the EMC site id is zero"),
            Self::AliasIsListed(place) => pair(
                format!(
                    "địa chỉ khác này thuộc trang ở {}",
                    place.text(Language::Vietnamese)
                ),
                format!(
                    "this other address belongs to the site of {}",
                    place.text(Language::English)
                ),
            ),
            Self::Example => pair(
                "ví dụ của mẫu, không phải của đơn vị nào",
                "an example of the template, which is nobody's",
            ),
            Self::TooManyAddresses(most) => pair(
                format!("nhiều hơn {most} địa chỉ trong một ô"),
                format!("more than {most} addresses in one cell"),
            ),
        };
        choose(both, language)
    }

    /// What to do about it.
    pub fn hint(&self, language: Language) -> String {
        let both = match self {
            Self::NoAddress { links_unread: true } => pair(
                "ghi địa chỉ vào ô; nếu địa chỉ nằm dưới dạng liên kết thì lưu tệp thành .xlsx",
                "write the address into the cell; if it lies under the text as a link, save the file as .xlsx",
            ),
            Self::NoAddress { .. } => pair(
                "ghi địa chỉ, hoặc ghi “chưa có” nếu đơn vị chưa có trang; tên nhóm thì đánh số La Mã ở cột STT",
                "write the address, or “chưa có” if the unit has no site; give a group's title a roman numeral",
            ),
            Self::Scheme(_) => pair("viết lại dạng https://…", "write it as https://…"),
            Self::NotAnAddress => pair(
                "viết dạng https://ten.gov.vn, hoặc “chưa có”",
                "write it like https://name.gov.vn, or “chưa có” if there is none",
            ),
            Self::MailAddress => pair(
                "ghi địa chỉ website, không ghi email",
                "write the site's address instead",
            ),
            Self::UnknownRole => pair("ghi “cổng” hoặc “trang thành phần”", "write portal or component"),
            Self::RoleUnclear => pair(
                "ghi “cổng” hoặc “trang thành phần” vào cột Loại",
                "write portal or component into the column of roles",
            ),
            Self::PortalIsItself => pair(
                "ghi địa chỉ của cổng, hoặc sửa loại thành “cổng”",
                "name the portal's address, or make the role portal",
            ),
            Self::PortalIsComponent(_) => pair(
                "ghi địa chỉ của cổng, hoặc sửa loại của trang kia thành “cổng”",
                "name the portal's address, or make that site's role portal",
            ),
            Self::PortalUnknown | Self::PortalUnclear(_) => pair(
                "ghi địa chỉ của cổng mà trang này trực thuộc",
                "write the address of the portal that the site belongs to",
            ),
            Self::Duplicate(_) => pair(
                "giữ một dòng; địa chỉ thứ hai của cùng một trang ghi vào cột Địa chỉ khác",
                "keep one line; a second address of one site goes into the column of other addresses",
            ),
            Self::UnknownState => pair(
                "ghi “đang hoạt động”, “đã đóng” hoặc “miễn”",
                "write active, closed or exempt",
            ),
            Self::ExemptWithoutNote => pair(
                "ghi lý do vào cột Ghi chú",
                "write the reason into the column of notes",
            ),
            Self::SiteIdNotANumber | Self::SiteIdZero => pair(
                "ghi số do Hệ thống EMC cấp, nhiều số cách nhau bằng “;”, hoặc để trống",
                "write the number that EMC gave, several with “;” between them, or leave it empty",
            ),
            Self::AliasIsListed(_) => pair(
                "xóa địa chỉ này, hoặc gộp hai dòng làm một",
                "remove this address, or make the two lines one",
            ),
            Self::Example => pair(
                "xóa cả dòng, hoặc thay ví dụ bằng địa chỉ, tên và cổng của đơn vị",
                "remove the whole row, or put a unit's address, name and portal in its place",
            ),
            Self::TooManyAddresses(_) => pair("mỗi đơn vị một dòng", "one line for each unit"),
        };
        choose(both, language)
    }
}

impl RowProblem {
    /// The whole of it on one line: place, column, value, problem, hint.
    pub fn text(&self, language: Language) -> String {
        let mut text = self.place.text(language);
        let vietnamese = language == Language::Vietnamese;
        if let Some(column) = &self.column {
            let word = if vietnamese { "cột" } else { "column" };
            text = format!("{text}, {word} “{}”", shown(column));
        }
        if !self.value.is_empty() {
            let word = if vietnamese { "giá trị" } else { "value" };
            text = format!("{text}, {word} “{}”", shown(&self.value));
        }
        let hint = if vietnamese { "gợi ý" } else { "hint" };
        format!(
            "{text}: {} ({hint}: {})",
            self.problem.message(language),
            self.problem.hint(language)
        )
    }
}

fn sites(sites: &[SiteId]) -> String {
    let texts: Vec<String> = sites.iter().map(SiteId::to_string).collect();
    texts.join(", ")
}

impl RemarkKind {
    pub fn message(&self, language: Language) -> String {
        let both = self.about_file().unwrap_or_else(|| self.about_row());
        choose(both, language)
    }

    /// Remarks on the file or a sheet; `None` for those on a row.
    fn about_file(&self) -> Option<Pair> {
        Some(match self {
            Self::SheetWithoutHeading { sheet } => pair(
                format!("trang tính “{sheet}” không có dòng tiêu đề cột, không đọc"),
                format!("sheet “{sheet}” has no heading row and was not read"),
            ),
            Self::HiddenSheet { sheet } => pair(
                format!("trang tính “{sheet}” đang ẩn, không đọc"),
                format!("sheet “{sheet}” is hidden and was not read"),
            ),
            Self::UnknownColumns { headings, .. } => pair(
                format!("cột không dùng đến: {}", headings.join(", ")),
                format!("columns that are not used: {}", headings.join(", ")),
            ),
            Self::SpareColumns { headings, .. } => pair(
                format!(
                    "cột trùng ý nghĩa với cột khác, không đọc: {}",
                    headings.join(", ")
                ),
                format!(
                    "columns that mean the same as another and were not read: {}",
                    headings.join(", ")
                ),
            ),
            _ => return None,
        })
    }

    fn about_row(&self) -> Pair {
        match self {
            Self::NoSiteYet { name } => pair(
                format!("{name}: chưa có website, không kiểm tra"),
                format!("{name}: no site yet, left out"),
            ),
            Self::LeftOut(problem) => pair(
                format!(
                    "bỏ qua dòng này: {}",
                    problem.problem.message(Language::Vietnamese)
                ),
                format!("row left out: {}", problem.problem.message(Language::English)),
            ),
            Self::TextBelowTable { text } => pair(
                format!("dòng dưới bảng, không đọc: {}", shown(text)),
                format!("text below the table, not read: {}", shown(text)),
            ),
            Self::AddressFromLink { address } => pair(
                format!("địa chỉ lấy từ liên kết trong ô: {address}"),
                format!("address taken from the link under the text: {address}"),
            ),
            Self::LinkDiffers { link } => pair(
                format!(
                    "liên kết trong ô dẫn đến nơi khác ({}); dùng địa chỉ ghi trong ô",
                    shown(link)
                ),
                format!(
                    "the link under the text leads elsewhere ({}); the text counts",
                    shown(link)
                ),
            ),
            Self::TextIgnored { text } => pair(
                format!("bỏ qua chữ bên cạnh địa chỉ: {}", shown(text)),
                format!("text beside the address ignored: {}", shown(text)),
            ),
            Self::SeveralAddresses { aliases } => pair(
                format!(
                    "nhiều địa chỉ trong một ô; địa chỉ đầu là chính, còn lại là địa chỉ khác: {}",
                    sites(aliases)
                ),
                format!(
                    "several addresses in one cell; the first is the site, others are aliases: {}",
                    sites(aliases)
                ),
            ),
            Self::RoleDerived(Role::Portal) => pair("suy ra loại: cổng", "role derived: portal"),
            Self::RoleDerived(Role::Component) => {
                pair("suy ra loại: trang thành phần", "role derived: component")
            }
            Self::PortalDerived(site) => pair(
                format!("suy ra thuộc cổng: {site}"),
                format!("portal derived: {site}"),
            ),
            Self::PortalIgnored { named } => pair(
                format!("trang này là cổng nên không dùng cột cổng ({})", shown(named)),
                format!(
                    "the site is a portal, so the portal it names is not used ({})",
                    shown(named)
                ),
            ),
            Self::ReferencePortal(site) => pair(
                format!("cổng {site} không có trong danh sách: chỉ xem để so sánh, không đánh giá"),
                format!("portal {site} is not a usable row of the list: visited for comparison, not judged"),
            ),
            Self::SameSiteId { id, first } => pair(
                format!(
                    "mã EMC {id} trùng với đơn vị khác ở {}",
                    first.text(Language::Vietnamese)
                ),
                format!(
                    "EMC site id {id} is also that of another owner: {}",
                    first.text(Language::English)
                ),
            ),
            Self::SheetWithoutHeading { .. }
            | Self::HiddenSheet { .. }
            | Self::UnknownColumns { .. }
            | Self::SpareColumns { .. } => Pair::default(),
        }
    }
}

impl Remark {
    /// With its place before it.
    pub fn text(&self, language: Language) -> String {
        let message = self.kind.message(language);
        let sheet = match &self.kind {
            RemarkKind::UnknownColumns { sheet, .. } | RemarkKind::SpareColumns { sheet, .. } => {
                sheet.as_deref()
            }
            _ => None,
        };
        match (&self.place, sheet) {
            (Some(place), _) => format!("{}: {message}", place.text(language)),
            (None, Some(sheet)) => match language {
                Language::Vietnamese => format!("trang tính “{sheet}”: {message}"),
                Language::English => format!("sheet “{sheet}”: {message}"),
            },
            (None, None) => message,
        }
    }
}

impl FileProblem {
    pub fn message(&self, language: Language) -> String {
        let megabytes = |bytes: &u64| bytes >> 20;
        let both = match self {
            Self::CannotOpen(reason) => pair(
                format!("không mở được: {reason}"),
                format!("cannot be opened: {reason}"),
            ),
            Self::NotThere => pair("không có tệp này", "there is no such file"),
            Self::NoAccess => pair(
                "tài khoản đang dùng không có quyền đọc",
                "this account may not read it",
            ),
            Self::Folder => pair("là thư mục, không phải tệp", "is a folder, not a file"),
            Self::TooLarge { limit } => pair(
                format!("lớn hơn {} MB, không phải danh sách", megabytes(limit)),
                format!("larger than {} MB, which no list is", megabytes(limit)),
            ),
            Self::TooMuchInside { .. } => pair(
                "nội dung quá lớn sau khi giải nén, không phải danh sách",
                "its content is far larger than the file, which no list is",
            ),
            Self::TooManyRows { limit } => pair(
                format!("nhiều hơn {limit} dòng"),
                format!("more than {limit} rows"),
            ),
            Self::UnknownEncoding { line } => {
                let vi = line.map(|line| format!(" (dòng {line})")).unwrap_or_default();
                let en = line.map(|line| format!(" (line {line})")).unwrap_or_default();
                pair(
                    format!("không phải UTF-8{vi}; trong Excel chọn lưu “CSV UTF-8” hoặc .xlsx"),
                    format!("not UTF-8{en}; save it as “CSV UTF-8” or .xlsx"),
                )
            }
            Self::UnclosedQuote { line } => pair(
                format!("dấu ngoặc kép mở ở dòng {line} không được đóng"),
                format!("a quote that opens in line {line} is never closed"),
            ),
            Self::OtherFormat(kind) => pair(
                format!("là tệp {kind}; mở bằng Excel rồi lưu thành .xlsx"),
                format!("is {kind}; open it in a spreadsheet and save it as .xlsx"),
            ),
            Self::PasswordProtected => pair(
                "có mật khẩu; lưu lại không mật khẩu",
                "has a password; save it without",
            ),
            Self::Damaged(reason) => pair(format!("tệp hỏng: {reason}"), format!("damaged: {reason}")),
            Self::NoHeading { known, unknown } => no_heading(known, unknown),
            Self::Empty => pair("không có trang nào trong danh sách", "no site is listed"),
        };
        choose(both, language)
    }
}

fn no_heading(known: &[String], unknown: &[String]) -> Pair {
    let list = |headings: &[String]| {
        let shown: Vec<String> = headings
            .iter()
            .take(20)
            .map(|heading| format!("“{}”", shown(heading)))
            .collect();
        shown.join(", ")
    };
    let mut vi = "không thấy dòng tiêu đề có cột địa chỉ trong mười dòng đầu".to_owned();
    let mut en = "no heading row with a column of addresses in the first ten rows".to_owned();
    if !known.is_empty() {
        vi = format!("{vi}; hiểu được: {}", list(known));
        en = format!("{en}; understood: {}", list(known));
    }
    if !unknown.is_empty() {
        vi = format!("{vi}; không hiểu: {}", list(unknown));
        en = format!("{en}; not understood: {}", list(unknown));
    }
    vi.push_str("; đặt tên cột địa chỉ là “Địa chỉ website” hoặc “url”");
    en.push_str("; name the column of addresses “url” or “Địa chỉ website”");
    pair(vi, en)
}

/// The whole error: one line for each problem under a line that says how many.
pub(super) fn list_error(error: &ListError, language: Language) -> String {
    match error {
        ListError::File { path, problem } => format!("{}: {}", path.display(), problem.message(language)),
        ListError::Rows { path, problems } => {
            let count = problems.len();
            let head = pair(
                format!("{}: {count} lỗi trong danh sách", path.display()),
                format!("{}: {count} problems in the list", path.display()),
            );
            let mut text = choose(head, language);
            for problem in problems {
                text.push_str("\n  ");
                text.push_str(&problem.text(language));
            }
            text
        }
    }
}
