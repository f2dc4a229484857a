//! Shadow roots that a page keeps closed: drawn for every visitor, and out of reach of every script but the
//! one that made them. The protocol hands them over.

use std::collections::HashSet;
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::dom::{BackendNodeId, ResolveNodeParams};
use chromiumoxide::cdp::browser_protocol::dom_snapshot::CaptureSnapshotParams;
use chromiumoxide::cdp::js_protocol::runtime::{
    CallArgument, CallFunctionOnParams, ExecutionContextId, RemoteObjectId,
};
use serde::Deserialize;

use super::{Frame, Page, World};
use crate::browser::error::BrowserError;

/// Nodes that are handed over at most: one round trip each.
const NODES_MAX: usize = 200;

#[derive(Deserialize)]
struct Snapshot {
    documents: Vec<SnapshotDocument>,
    strings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotDocument {
    /// Like every text of a snapshot: its place in `strings`.
    frame_id: i64,
    nodes: SnapshotNodes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SnapshotNodes {
    backend_node_id: Vec<i64>,
    parent_index: Vec<i64>,
    /// Of the nodes in a shadow root; the root itself is not among the nodes.
    shadow_root_type: Option<SnapshotTexts>,
}

/// A text that few nodes have: `index` is a node's place among the nodes, `value` the text's in `strings`.
#[derive(Deserialize)]
struct SnapshotTexts {
    index: Vec<usize>,
    value: Vec<usize>,
}

#[derive(Deserialize)]
struct Resolved {
    object: ResolvedObject,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResolvedObject {
    object_id: Option<String>,
}

impl Page {
    /// Calls `function` (the text of a JavaScript function) in `world` of `frame` with nodes that stand in
    /// closed shadow roots of that frame's document, at least one of every root, as its arguments. How many
    /// there were; with none it is not called.
    pub async fn with_nodes_in_closed_roots(
        &self,
        frame: &Frame,
        world: &World,
        function: &str,
        limit: Duration,
    ) -> Result<usize, BrowserError> {
        let session = Some(world.session.as_str());
        // The protocol wants at least one style.
        let ask = CaptureSnapshotParams::new(vec!["display".to_owned()]);
        let snapshot: Snapshot = self.connection.call_as(session, &ask, limit).await?;
        let mut arguments = Vec::new();
        for node in snapshot.in_closed_roots(&frame.id) {
            let resolve = ResolveNodeParams {
                backend_node_id: Some(BackendNodeId::new(node)),
                execution_context_id: world.context.map(ExecutionContextId::new),
                ..ResolveNodeParams::default()
            };
            let resolved: Resolved = self.connection.call_as(session, &resolve, limit).await?;
            if let Some(id) = resolved.object.object_id {
                arguments.push(
                    CallArgument::builder()
                        .object_id(RemoteObjectId::from(id))
                        .build(),
                );
            }
        }
        if arguments.is_empty() {
            return Ok(0);
        }
        let found = arguments.len();
        let mut call = CallFunctionOnParams::new(function);
        call.execution_context_id = world.context.map(ExecutionContextId::new);
        call.arguments = Some(arguments);
        call.silent = Some(true);
        self.connection
            .call_as::<_, serde::de::IgnoredAny>(session, &call, limit)
            .await?;
        Ok(found)
    }
}

impl Snapshot {
    /// Backend node ids of nodes in closed shadow roots of `frame`, the first below each parent: whether that
    /// is the host of a root, a snapshot does not say.
    fn in_closed_roots(&self, frame: &str) -> Vec<i64> {
        let text = |at: usize| self.strings.get(at).map(String::as_str);
        let of_frame = |document: &&SnapshotDocument| {
            usize::try_from(document.frame_id).ok().and_then(text) == Some(frame)
        };
        let Some(nodes) = self.documents.iter().find(of_frame).map(|found| &found.nodes) else {
            return Vec::new();
        };
        let Some(kinds) = &nodes.shadow_root_type else {
            return Vec::new();
        };
        let mut parents = HashSet::new();
        let closed = kinds.index.iter().zip(&kinds.value);
        closed
            .filter(|(_, kind)| text(**kind) == Some("closed"))
            .filter(|(node, _)| parents.insert(nodes.parent_index.get(**node)))
            .filter_map(|(node, _)| nodes.backend_node_id.get(*node).copied())
            .take(NODES_MAX)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_node_below_each_parent_in_a_closed_root_of_the_frame_itself_is_handed_over() {
        let snapshot: Snapshot = serde_json::from_value(serde_json::json!({
            "strings": ["top", "closed", "user-agent", "open", "inner"],
            "documents": [
                { "frameId": 0, "nodes": { "backendNodeId": [10, 11, 12, 13, 14, 15],
                  "parentIndex": [-1, 0, 1, 1, 0, 0],
                  "shadowRootType": { "index": [2, 3, 4, 5], "value": [1, 1, 2, 3] } } },
                { "frameId": 4, "nodes": { "backendNodeId": [21, 22], "parentIndex": [-1, 0],
                  "shadowRootType": { "index": [1], "value": [1] } } },
            ],
        }))
        .unwrap();
        assert_eq!(snapshot.in_closed_roots("top"), [12]);
        assert_eq!(snapshot.in_closed_roots("inner"), [22]);
        assert!(snapshot.in_closed_roots("gone").is_empty());
    }
}
