//! An observation, as anybody may have changed it on disk, becomes a network log that every viewer can read.
#![no_main]

use emc_audit::bundle::har_of;
use emc_audit::observation::Observation;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(observation) = serde_json::from_slice::<Observation>(data) else {
        return;
    };
    let written = serde_json::to_vec(&har_of(&observation)).expect("a log is always JSON");
    let log: Value = serde_json::from_slice(&written).expect("it reads back");
    let entries = log["log"]["entries"].as_array().expect("entries");
    assert_eq!(
        entries.len(),
        observation.requests.len(),
        "every request has its entry"
    );
    for entry in entries {
        assert!(entry["time"].as_f64().is_some_and(|time| time >= 0.0), "{entry}");
        assert!(entry["startedDateTime"].is_string(), "{entry}");
        assert!(entry["response"]["status"].is_u64(), "{entry}");
    }
});
