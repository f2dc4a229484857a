//! The frames of a page, the script worlds in them, and what an expression evaluates to there.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::dom::{BackendNodeId, GetBoxModelParams, GetFrameOwnerParams};
use chromiumoxide::cdp::browser_protocol::page::{CreateIsolatedWorldParams, GetFrameTreeParams};
use chromiumoxide::cdp::js_protocol::runtime::{
    EvaluateParams, ExecutionContextId, TerminateExecutionParams,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tracing::Instrument;

use super::Page;
use crate::browser::error::BrowserError;
use crate::browser::tap::locked;
use crate::timings::step;

/// Frames in processes of their own that are asked for their frames, and how long they may take.
const FRAME_SESSIONS_MAX: usize = 40;
const FRAME_LIMIT: Duration = Duration::from_millis(1500);

/// A frame of the page and the session that speaks for it.
#[derive(Debug, Clone)]
pub struct Frame {
    pub id: String,
    pub parent: Option<String>,
    pub url: String,
    session: String,
}

/// A script world in a frame.
#[derive(Debug, Clone)]
pub struct World {
    pub(super) session: String,
    pub(super) context: Option<i64>,
}

#[derive(Deserialize)]
struct Evaluated {
    result: EvaluatedObject,
    #[serde(rename = "exceptionDetails")]
    exception: Option<EvaluatedException>,
}

#[derive(Deserialize)]
struct EvaluatedObject {
    value: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct EvaluatedException {
    #[serde(default)]
    text: String,
    exception: Option<EvaluatedThrown>,
}

#[derive(Deserialize)]
struct EvaluatedThrown {
    description: Option<String>,
}

#[derive(Deserialize)]
struct FrameTreeAnswer {
    #[serde(rename = "frameTree")]
    tree: FrameTreeNode,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameTreeNode {
    frame: FrameTreeFrame,
    #[serde(default)]
    child_frames: Vec<FrameTreeNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameTreeFrame {
    id: String,
    parent_id: Option<String>,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
struct WorldAnswer {
    #[serde(rename = "executionContextId")]
    context: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FrameOwnerAnswer {
    backend_node_id: i64,
}

#[derive(Deserialize)]
struct BoxModelAnswer {
    model: BoxModelBody,
}

#[derive(Deserialize)]
struct BoxModelBody {
    content: Vec<f64>,
}

impl Page {
    /// All frames, the top document first. Frames that do not answer in time are left out.
    pub async fn frames(&self, limit: Duration) -> Result<Vec<Frame>, BrowserError> {
        let sessions: Vec<String> = {
            let deaf = locked(&self.state.deaf_sessions);
            locked(&self.state.frame_sessions)
                .iter()
                .map(|(session, _)| session.clone())
                .filter(|session| !deaf.contains(session))
                .take(FRAME_SESSIONS_MAX)
                .collect()
        };
        let mut frames = Vec::new();
        collect_frames(
            self.frame_tree(&self.session, limit).await?,
            &self.session,
            &mut frames,
        );
        // All at once: a stranger's frame that hangs may not cost more than its share of time, and only once.
        let limit = limit.min(FRAME_LIMIT);
        let asked = sessions.iter().map(|session| self.frame_tree(session, limit));
        for (session, answer) in sessions.iter().zip(futures::future::join_all(asked).await) {
            match answer {
                Ok(tree) => collect_frames(tree, session, &mut frames),
                Err(error) => {
                    tracing::debug!(%error, "a frame is gone or deaf");
                    locked(&self.state.deaf_sessions).insert(session.clone());
                    // A frame that hangs would also hold up every picture of the page.
                    let stop = TerminateExecutionParams::default();
                    self.connection.post(Some(session), &stop).await?;
                }
            }
        }
        Ok(frames)
    }

    async fn frame_tree(&self, session: &str, limit: Duration) -> Result<FrameTreeNode, BrowserError> {
        let ask = GetFrameTreeParams::default();
        let answer: FrameTreeAnswer = self.connection.call_as(Some(session), &ask, limit).await?;
        Ok(answer.tree)
    }

    /// A world of our own in `frame`: the page's scripts cannot reach or disturb it.
    pub async fn isolated_world(&self, frame: &Frame, limit: Duration) -> Result<World, BrowserError> {
        let mut create = CreateIsolatedWorldParams::new(frame.id.clone());
        create.world_name = Some("emc-audit".to_owned());
        let answer: WorldAnswer = self
            .connection
            .call_as(Some(&frame.session), &create, limit)
            .await?;
        Ok(World {
            session: frame.session.clone(),
            context: Some(answer.context),
        })
    }

    /// The world of the page's own scripts in `frame`.
    pub fn main_world(&self, frame: &Frame) -> Option<World> {
        let known = locked(&self.state.main_worlds).get(&frame.id).cloned();
        known.map(|(session, context)| World {
            session,
            context: Some(context),
        })
    }

    /// Runs an expression and reads its (JSON-able) value.
    pub async fn evaluate<T: DeserializeOwned>(
        &self,
        world: &World,
        expression: &str,
        limit: Duration,
    ) -> Result<T, BrowserError> {
        let mut params = EvaluateParams::new(expression);
        params.context_id = world.context.map(ExecutionContextId::new);
        params.return_by_value = Some(true);
        params.await_promise = Some(true);
        params.silent = Some(true);
        let answer: Evaluated = self
            .connection
            .call_as(Some(&world.session), &params, limit)
            .instrument(step!("probe"))
            .await?;
        if let Some(thrown) = answer.exception {
            let words = thrown
                .exception
                .and_then(|thrown| thrown.description)
                .unwrap_or(thrown.text);
            return Err(BrowserError::Script(words.chars().take(500).collect()));
        }
        let value = answer.result.value.unwrap_or(serde_json::Value::Null);
        serde_json::from_value(value).map_err(|error| BrowserError::Unreadable {
            method: "Runtime.evaluate".to_owned(),
            reason: error.to_string(),
        })
    }

    /// Where a frame's content stands, in viewport coordinates: x, y, width, height.
    pub async fn frame_box(
        &self,
        frame: &Frame,
        limit: Duration,
    ) -> Result<Option<(f64, f64, f64, f64)>, BrowserError> {
        let session = Some(self.session.as_str());
        let owner = GetFrameOwnerParams::new(frame.id.clone());
        let Ok(owner) = self
            .connection
            .call_as::<_, FrameOwnerAnswer>(session, &owner, limit)
            .await
        else {
            return Ok(None);
        };
        let params = GetBoxModelParams::builder()
            .backend_node_id(BackendNodeId::new(owner.backend_node_id))
            .build();
        let Ok(answer) = self
            .connection
            .call_as::<_, BoxModelAnswer>(session, &params, limit)
            .await
        else {
            return Ok(None);
        };
        let quad = answer.model.content;
        Ok((quad.len() == 8).then(|| (quad[0], quad[1], quad[4] - quad[0], quad[5] - quad[1])))
    }
}

fn collect_frames(node: FrameTreeNode, session: &str, frames: &mut Vec<Frame>) {
    let frame = Frame {
        id: node.frame.id,
        parent: node.frame.parent_id,
        url: node.frame.url,
        session: session.to_owned(),
    };
    if let Some(known) = frames.iter_mut().find(|known| known.id == frame.id) {
        // A frame in its own process stands in its parent's tree too; its own session speaks for it.
        known.session.clone_from(&frame.session);
        known.url = frame.url;
    } else if frames.len() < 200 {
        frames.push(frame);
    }
    for child in node.child_frames {
        collect_frames(child, session, frames);
    }
}
