//! Starts the page in the browser.

fn main() {
    descent_app::start();
}
