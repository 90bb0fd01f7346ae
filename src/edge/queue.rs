//! Both ends of the queue: what a Room tells, and the consumer that writes it into the history.
use worker::{Env, QueueContentType, RawMessageBuilder, Result};

use super::env;
use crate::core::pipeline::event::RoomEvent;

/// Gives one event to the queue, as JSON text: the bindings would lose maps of a typed message.
pub async fn publish(env: &Env, event: &RoomEvent) -> Result<()> {
    let text = serde_json::to_string(event)?;
    let message = RawMessageBuilder::new(text.into()).build_with_content_type(QueueContentType::Text);
    env.queue(env::EVENTS)?.send_raw(message).await
}
