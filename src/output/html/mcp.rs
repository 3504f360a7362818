//! The MCP servers of a host: who starts them, which are available, and why the others are not.

use inventory::Host;
use maud::{Markup, html};

use super::super::mcp_text::{self, Mark};
use super::Page;

impl Page<'_> {
    /// A list for each user and module that declares servers.
    pub(super) fn servers(&self, host: &Host) -> Markup {
        html! {
            @for block in mcp_text::blocks(host) {
                section.servers {
                    h4 { (self.known.cover(&block.title)) }
                    ul {
                        @for line in block.lines {
                            @let class = match line.mark {
                                Mark::Available => "reader yes",
                                Mark::Disabled | Mark::Broken => "reader no",
                                Mark::Undecided => "reader unknown",
                            };
                            li { span class=(class) { (line.mark.sign()) } " " (self.known.cover(&line.text)) }
                            "\n"
                        }
                    }
                }
            }
        }
    }
}
