//! The fingerprint of a finding: the same from run to run while the facts that it rests on stay.

use sha2::{Digest, Sha256};

use crate::rules::CheckId;

/// Sixteen hexadecimal digits over check, code and stable facts; the order of the facts does not matter.
pub(super) fn fingerprint(check: CheckId, code: &str, stable: &[String]) -> String {
    let mut facts: Vec<&str> = stable.iter().map(String::as_str).collect();
    facts.sort_unstable();
    facts.dedup();
    let mut digest = Sha256::new();
    for part in [check.as_str(), code].into_iter().chain(facts) {
        // The length keeps "ab","c" and "a","bc" apart.
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    let mut bytes = [0; 8];
    for (byte, from) in bytes.iter_mut().zip(digest.finalize()) {
        *byte = from;
    }
    format!("{:016x}", u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_and_borders_do() {
        let of = |facts: &[&str]| {
            let facts: Vec<String> = facts.iter().map(|fact| (*fact).to_owned()).collect();
            fingerprint(CheckId::EmcBadge, "hidden", &facts)
        };
        assert_eq!(of(&["a", "b"]), of(&["b", "a", "a"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&[]).len(), 16);
    }
}
