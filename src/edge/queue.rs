//! Both ends of the queue: what a Room tells, and the consumer that writes it into the history.
use worker::{
    Context, Env, MessageBatch, MessageExt, QueueContentType, QueueRetryOptionsBuilder, RawMessageBuilder, Result,
    event,
};

use super::{
    clock,
    contained::{Place, contained},
    d1::D1,
    env,
};
use crate::{
    core::{
        id::{ConversationId, WorkspaceId},
        limits::{DEAD_RETRY_SECONDS, PROJECTION_RETRY_SECONDS},
        pipeline::{
            delivery::{Delivery, Verdict},
            event::RoomEvent,
        },
        port::Database,
        room::{effect::Inspection, record::Cursors},
    },
    sql::{
        consume::{consume, consume_dead},
        inspection,
    },
};

/// Gives one event to the queue, as JSON text: the bindings would lose maps of a typed message.
pub async fn publish(env: &Env, event: &RoomEvent) -> Result<()> {
    let text = serde_json::to_string(event)?;
    let message = RawMessageBuilder::new(text.into()).build_with_content_type(QueueContentType::Text);
    env.queue(env::EVENTS)?.send_raw(message).await
}

/// What the history holds of a conversation after these cursors; none if it could not be asked.
pub async fn inspect(
    env: &Env,
    workspace: &WorkspaceId,
    conversation: &ConversationId,
    after: Cursors,
) -> Option<Inspection> {
    let database = D1::of(env).ok()?;
    match database.batch(inspection::inspect(workspace, conversation, after)).await {
        Ok(rows) => Some(inspection::inspected(&rows)),
        Err(error) => {
            worker::console_warn!("the history could not be inspected: {error}");
            None
        }
    }
}

/// The consumer of both queues. Never an error: the macro would make it a panic. What is not acknowledged comes again.
#[event(queue)]
pub async fn queue(batch: MessageBatch<()>, env: Env, _: Context) -> Result<()> {
    let name = batch.queue();
    let messages: Vec<_> = batch.raw_iter().collect();
    let deliveries: Vec<Delivery> =
        messages.iter().map(|message| Delivery { id: message.id(), body: message.body().as_string() }).collect();
    let consume = async {
        match D1::of(&env) {
            Ok(database) if name == env::DEAD_QUEUE => consume_dead(&database, &name, &deliveries, clock::now()).await,
            Ok(database) => consume(&database, &name, &deliveries, clock::now()).await,
            Err(error) => {
                worker::console_error!("no history: {error}");
                Default::default()
            }
        }
    };
    let consumed = contained(Place::worker("queue"), consume).await.unwrap_or_default();
    for (place, reason) in &consumed.buried {
        let id = deliveries.get(*place).map_or("?", |delivery| delivery.id.as_str());
        worker::console_error!("{name}: message {id} is a dead letter: {}", reason.name());
    }
    for error in &consumed.refusals {
        worker::console_warn!("{name}: {error}");
    }
    let delay = if name == env::DEAD_QUEUE { DEAD_RETRY_SECONDS } else { PROJECTION_RETRY_SECONDS };
    let later = QueueRetryOptionsBuilder::new().with_delay_seconds(delay).build();
    for (place, message) in messages.iter().enumerate() {
        match consumed.verdicts.get(place) {
            Some(Verdict::Ack) => message.ack(),
            Some(Verdict::Retry) | None => message.retry_with_options(&later),
        }
    }
    Ok(())
}
