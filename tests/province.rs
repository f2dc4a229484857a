//! The real binary over the fixture province: every site gets exactly what `expected.toml` says.
#![allow(clippy::unwrap_used)]

mod support;

use std::os::unix::process::CommandExt;

use serde_json::Value;
use support::{Run, audit, differences, fixtures, serve, wanted_in};

#[tokio::test(flavor = "multi_thread")]
async fn every_site_of_the_province_gets_its_verdict() {
    let web = serve().await;
    let run = audit(&web, &fixtures().join("sites/list.csv"), &[]).await;
    assert_eq!(run.exit_code(), Some(3), "some sites fail: {}", run.stderr());

    let wanted = wanted_in(&fixtures().join("expected.toml"));
    let wrong: Vec<String> = wanted
        .iter()
        .flat_map(|(site, wanted)| differences(site, wanted, run.results.get(site)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(run.results.len(), wanted.len(), "one line for each listed site");

    lines_follow_the_schema(&run);
    evidence_is_there(&run);
    calls_are_counted(&run, web.emc_calls().len());
    table_names_every_site(&run);
    assert!(
        run.stdout().contains("Tổng cộng"),
        "the summary: {}",
        run.stdout()
    );
    web.shutdown().await;
}

fn lines_follow_the_schema(run: &Run) {
    let schema =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/result.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for (site, line) in &run.results {
        let errors: Vec<String> = validator
            .iter_errors(line)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{site}: {errors:?}");
    }
}

fn evidence_is_there(run: &Run) {
    for (site, line) in &run.results {
        let folder = run.folder().join("sites").join(site.replace(['/', ':'], "~"));
        for finding in line["findings"].as_array().unwrap() {
            for path in finding["evidence"].as_array().unwrap() {
                let path = folder.join(path.as_str().unwrap());
                assert!(
                    path.is_file(),
                    "{} of {} is named as evidence",
                    path.display(),
                    finding["check"]
                );
            }
        }
    }
}

/// The fixture's own log and the run agree on how often the national statistics were touched.
fn calls_are_counted(run: &Run, logged: usize) {
    let text = std::fs::read_to_string(run.folder().join("run.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["kind"], "full");
    assert_eq!(file["beacon_calls_let_out"].as_u64().unwrap(), logged as u64);
}

fn table_names_every_site(run: &Run) {
    let table = std::fs::read_to_string(run.folder().join("results.csv")).unwrap();
    assert!(table.starts_with('\u{feff}'), "Excel needs the byte-order mark");
    for site in run.results.keys() {
        assert!(table.contains(site.as_str()), "{site} is in the table");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stubbed_beacons_do_not_reach_emc() {
    let web = serve().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    std::fs::write(
        &list,
        "url,name,role\nstp.tinhmau.gov.vn,A,portal\nsxd.tinhmau.gov.vn,B,portal\n",
    )
    .unwrap();
    let run = audit(
        &web,
        &list,
        &["--emc-beacon", "stub", "--only", "emc.beacon", "--no-confirm"],
    )
    .await;
    let code = |site: &str| run.results[site]["findings"][0]["code"].clone();
    assert_eq!(code("sxd.tinhmau.gov.vn"), "sent");
    assert_eq!(code("stp.tinhmau.gov.vn"), "no_site_id");
    assert_eq!(web.emc_calls().len(), 0, "the robot answered the calls itself");
    web.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_behind_however_a_run_ends() {
    let web = serve().await;
    let list = fixtures().join("sites/list.csv");
    for (signal, code) in [("-INT", Some(130)), ("-TERM", Some(130)), ("-KILL", None)] {
        let out = tempfile::tempdir().unwrap();
        let mut command = support::audit_command(&web, &list, out.path(), &["--concurrency", "4"]);
        command.process_group(0);
        let mut robot = command.spawn().unwrap();
        let (id, at_work) = (robot.id(), || !support::leftovers(robot.id()).is_empty());
        support::wait_until("the robot's browser runs", at_work).await;
        support::signal(id, signal);
        if signal != "-KILL" {
            // The second one does not wait for visits under way.
            support::signal(id, signal);
        }
        let status = tokio::task::spawn_blocking(move || robot.wait().unwrap())
            .await
            .unwrap();
        assert_eq!(status.code(), code, "after {signal}");
        if signal == "-KILL" {
            // Its browsers end by themselves; its folders are removed by the next robot.
            support::wait_until("the browsers are gone", || {
                support::leftovers(id)
                    .iter()
                    .all(|left| left.starts_with("folder"))
            })
            .await;
            let next = audit(&web, &support::short_list(out.path()), &["--no-confirm"]).await;
            assert!(next.exit_code().is_some());
        }
        // Killed processes are gone a moment after they were killed.
        support::wait_until(&format!("nothing is left after {signal}"), || {
            support::leftovers(id).is_empty()
        })
        .await;
    }
    web.shutdown().await;
}
