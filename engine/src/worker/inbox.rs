//! What the loop has to hear: commands from the page and data from the network, in the order they came.

use super::loader::Arrival;
use super::wire::Command;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use wasm_bindgen::prelude::*;
use web_sys::MessageChannel;

/// Something the loop has to hear.
#[derive(Debug)]
pub(super) enum Event {
    /// From the page.
    Command(Box<Command>),
    /// From the network, for the store with this number.
    Arrival(u32, Arrival),
}

/// A queue with one reader, the loop; every clone writes into the same queue.
#[derive(Clone, Default)]
pub struct Inbox(Rc<Queue>);

#[derive(Default)]
struct Queue {
    events: RefCell<VecDeque<Event>>,
    reader: RefCell<Option<Waker>>,
}

impl Inbox {
    /// Adds a command.
    pub fn push(&self, command: impl Into<Command>) {
        self.push_event(Event::Command(Box::new(command.into())));
    }

    pub(super) fn push_event(&self, event: Event) {
        self.0.events.borrow_mut().push_back(event);
        if let Some(reader) = self.0.reader.borrow_mut().take() {
            reader.wake();
        }
    }

    /// The next event, if there is one.
    pub(super) fn take(&self) -> Option<Event> {
        self.0.events.borrow_mut().pop_front()
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.events.borrow().is_empty()
    }

    /// Waits until there is an event.
    pub(super) async fn wait(&self) {
        poll_fn(|context| {
            if self.is_empty() {
                *self.0.reader.borrow_mut() = Some(context.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }
}

/// Lets the browser deliver what has come: messages from the page, answers from the network.
///
/// A promise alone would not do, since promises are run before the next message; a message of our own queues behind those that
/// wait. (`setTimeout` would cost 4 ms each time; a message costs about 0.02 ms.)
pub(super) struct Breath {
    channel: MessageChannel,
    heard: Rc<Cell<bool>>,
    sleeper: Rc<RefCell<Option<Waker>>>,
    _on_message: Closure<dyn FnMut()>,
}

impl Breath {
    pub(super) fn new() -> Result<Breath, JsValue> {
        let channel = MessageChannel::new()?;
        let heard = Rc::new(Cell::new(false));
        let sleeper: Rc<RefCell<Option<Waker>>> = Rc::default();
        let on_message = Closure::<dyn FnMut()>::new({
            let (heard, sleeper) = (heard.clone(), sleeper.clone());
            move || {
                heard.set(true);
                if let Some(sleeper) = sleeper.borrow_mut().take() {
                    sleeper.wake();
                }
            }
        });
        channel.port1().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Ok(Breath { channel, heard, sleeper, _on_message: on_message })
    }

    /// Comes back after everything that waits has been delivered.
    pub(super) async fn take(&self) {
        self.heard.set(false);
        if self.channel.port2().post_message(&JsValue::NULL).is_err() {
            return;
        }
        poll_fn(|context| {
            if self.heard.get() {
                return Poll::Ready(());
            }
            *self.sleeper.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
