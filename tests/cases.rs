//! The real binary over every case: each code of each check, and what only looks like it.
//!
//! One visit for each site, so that the whole set is judged in minutes; confirming visits are the
//! province's business.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;

use support::{audit, differences, list_of, serve, wanted_of};

#[tokio::test(flavor = "multi_thread")]
async fn every_case_gets_its_code() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let (list, sites) = list_of("cases", "cases/hostile", folder.path());
    let run = audit(&web, &list, &["--no-confirm"]).await;
    let mut wrong = Vec::new();
    let mut codes = BTreeSet::new();
    for site in sites.iter().filter(|site| site.list.is_some()) {
        let wanted = site.expect.as_ref().map(wanted_of).unwrap_or_default();
        wrong.extend(differences(&site.id(), &wanted, run.results.get(&site.id())));
        codes.extend(
            wanted
                .into_iter()
                .flat_map(|(check, words)| words.into_iter().map(move |word| format!("{check}={word}"))),
        );
    }
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(codes.len() > 50, "the cases ask for few codes: {codes:?}");
    web.shutdown().await;
}
