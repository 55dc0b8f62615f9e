//! The page of an environment: what runs where.

use super::writer::{code, link, ticked};
use super::{Made, begin, pictures, to_markdown};
use crate::pages::deployment::Node;
use crate::pages::{self, Body};
use crate::prose::escape_markdown;
use crate::shop::Shop;
use std::fmt::Write as _;

pub(super) fn file(shop: &Shop<'_>, at: usize) -> (String, Made) {
    let page = pages::deployment::page(shop.site, at);
    let path = to_markdown(&page.path);
    let Body::Deployment(body) = &page.body else { return (path, Made::default()) };
    let mut out = begin(shop, &page, &body.name, &body.description);
    let sketches = pictures(&mut out, &page);
    if !body.nodes.is_empty() {
        out.section("deployment.nodes");
        let mut list = String::new();
        body.nodes.iter().for_each(|node| push(&mut list, node, 0));
        out.paragraph(&list);
    }
    out.findings(&page.frame.findings);
    (path, Made { text: out.finish(), sketches, ..Made::default() })
}

fn push(list: &mut String, node: &Node, depth: usize) {
    let indent = "  ".repeat(depth);
    let _ = write!(list, "{indent}- **{}**", escape_markdown(&node.name));
    push_count(list, node.count);
    if !node.technology.is_empty() {
        let _ = write!(list, " ({})", escape_markdown(&node.technology));
    }
    for tag in &node.tags {
        let _ = write!(list, " {}", code(tag));
    }
    if !node.description.is_empty() {
        let _ = write!(list, ": {}", ticked(&node.description));
    }
    list.push('\n');
    for instance in &node.instances {
        let _ = write!(list, "{indent}  - {}", link(&instance.of.name, &instance.of.href));
        push_count(list, instance.replicas);
        list.push('\n');
    }
    node.nodes.iter().for_each(|inner| push(list, inner, depth + 1));
}

fn push_count(list: &mut String, count: u32) {
    if count > 1 {
        let _ = write!(list, " ×{count}");
    }
}
