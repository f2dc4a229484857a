//! The browser's messages, one JSON object a line, as a visit reads them: whatever a page makes Chromium
//! say, the record stays within its bounds and can be written as a network log.
#![no_main]

use emc_audit::visit::replay;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let requests = replay(data);
    assert!(requests.len() <= 3000, "{} requests are kept", requests.len());
    for request in &requests {
        assert!(request.url.chars().count() <= 4097, "an address is cut");
    }
    let written = serde_json::to_vec(&requests).expect("a record is always JSON");
    // Chromium's numbers may be infinite or none; what is written down is read again.
    serde_json::from_slice::<Vec<emc_audit::observation::RequestRecord>>(&written).expect("it reads back");
});
