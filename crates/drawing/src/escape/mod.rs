//! One escape a medium. All start from [`printable`], so a control character never reaches any output.

mod csv;
mod html;
mod markdown;
mod printable;
mod url;

pub use csv::csv;
pub use html::{html, xml};
pub use markdown::{markdown, markdown_code};
pub use printable::printable;
pub use url::web_link;
