//! A list of sites, as a clerk's computer may have left it: CSV, XLSX or anything else. Nothing but an error or
//! a list comes out, and every site of the list is one that the program can write and read again.
#![no_main]

use emc_audit::inventory::examine_bytes;
use libfuzzer_sys::fuzz_target;

/// Workbooks of Excel 97: their parser reserves as much memory as the file says that it needs.
const OLD_WORKBOOK: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];

fuzz_target!(|data: &[u8]| {
    if data.starts_with(OLD_WORKBOOK) {
        return;
    }
    let Ok(examined) = examine_bytes(data) else {
        return;
    };
    for listed in &examined.list.sites {
        let written = listed.site.to_string();
        assert_eq!(written.parse().as_ref(), Ok(&listed.site), "{written}");
        let folder = listed.site.folder_name();
        assert!(!folder.contains('/') && !folder.starts_with('.'), "{folder}");
    }
});
