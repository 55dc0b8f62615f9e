//! The protocol over a pipe: revisions, bad input, every tool against its own schemas, and the limits of tokens.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test works on real files")]

mod client;

use client::{Client, hub, shop};
use serde_json::{Value, json};

#[tokio::test]
async fn the_revision_that_a_client_speaks_is_agreed_on() {
    let folder = shop();
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut client = Client::of(&hub(folder.path()));
        let answer = client.hello(version).await;
        assert_eq!(answer["result"]["protocolVersion"], version);
        assert_eq!(answer["result"]["serverInfo"]["name"], "loko");
        assert!(client.ask("ping", json!({})).await["result"].is_object());
    }
    let mut client = Client::of(&hub(folder.path()));
    assert_eq!(client.hello("1999-01-01").await["result"]["protocolVersion"], "2025-11-25");
}

#[tokio::test]
async fn the_newest_revision_needs_no_handshake() {
    let folder = shop();
    let mut client = Client::of(&hub(folder.path()));
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let found = client.ask("server/discover", json!({ "_meta": meta })).await;
    let versions = found["result"]["supportedVersions"].as_array().unwrap_or_else(|| panic!("{found}")).clone();
    assert!(versions.contains(&json!("2026-07-28")) && versions.contains(&json!("2025-06-18")), "{found}");
    let answer = client.ask("tools/call", json!({ "name": "query_project", "arguments": {}, "_meta": meta })).await;
    assert_eq!(answer["result"]["structuredContent"]["stats"]["containers"], 3, "{answer}");
}

#[tokio::test]
async fn nothing_that_a_client_sends_ends_the_server() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    for (line, code) in [
        ("{", -32700),
        ("nonsense", -32700),
        ("[1,2]", -32600),
        ("42", -32600),
        (r#"{"jsonrpc":"2.0","id":7}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":8,"method":"no/such"}"#, -32601),
    ] {
        client.line(line).await;
        let answer = client.read().await;
        assert_eq!(answer["error"]["code"], code, "{line}: {answer}");
    }
    // Nobody answers notifications, empty lines and answers to nothing.
    for line in
        ["", r#"{"jsonrpc":"2.0","method":"notifications/unheard"}"#, r#"{"jsonrpc":"2.0","id":99,"result":{}}"#]
    {
        client.line(line).await;
    }
    client.line(&format!("{{\"x\":\"{}\"", "a".repeat(loko_mcp::LINE_BYTES_MAX))).await;
    assert_eq!(client.read().await["error"]["code"], -32600);
    assert!(client.ask("ping", json!({})).await["result"].is_object());
}

#[tokio::test]
async fn bad_calls_say_how_to_mend_them() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let huge = "x".repeat(loko_mcp::STRING_BYTES_MAX + 1);
    for (tool, arguments, said) in [
        ("querry_project", json!({}), "did you mean `query_project`?"),
        ("search_elements", json!({}), "missing field `query`"),
        ("search_elements", json!({ "query": 7 }), "`query`: invalid type: integer `7`, expected a string"),
        ("create_system", json!({ "name": "X", "tags": [1] }), "invalid type: integer `1`"),
        ("search_elements", json!({ "querry": "x", "query": "y" }), "did you mean `query`?"),
        ("describe", json!({ "element": "shop/apo" }), "did you mean `shop/api`, "),
        ("describe", json!({ "level": "everything" }), "expected one of `summary`, `structure`, `full`"),
        ("describe", json!({ "max_tokens": 3 }), "no answer fits"),
        ("describe", json!({ "max_tokens": "many" }), "no whole number"),
        ("describe", json!({ "element": huge }), "bytes, at most"),
        ("create_container", json!({ "name": "X" }), "neither `system_name` nor `parent` is given"),
        ("create_container", json!({ "name": "X", "parent": "Shp" }), "did you mean"),
        (
            "create_relationship",
            json!({ "source": "shop/api", "target": "nowhere", "label": "x" }),
            "there is no element `nowhere`",
        ),
        ("update_diagram", json!({ "system_name": "shop", "d2_source": "a -> {" }), "the D2 has errors"),
        ("delete_relationship", json!({ "relationship_id": "ffffffff" }), "there is no relation"),
        ("apply", json!({ "token": "p-0" }), "call `propose` first"),
        ("undo", json!({}), "nothing was changed"),
        ("query", json!({ "kind": "path", "element": "shop" }), "`to` is not given"),
        ("find", json!({ "select": "kind:container and tagg:pci" }), "(column 20, at `tagg`)"),
        ("describe", json!({ "select": "tagg:pci" }), "did you mean `tag`?"),
        ("validate", json!({ "select": "(" }), "`select` cannot be read"),
        ("query", json!({ "kind": "relations", "select": "form:shop" }), "did you mean `from`?"),
        ("query", json!({ "kind": "stats", "select": "*" }), "goes with the kinds `list` and `relations`"),
        ("propose", json!({ "operations": [] }), "1 to 1000"),
        ("propose", json!({ "operations": [{ "op": "explode" }] }), "unknown variant `explode`"),
        ("create_system", json!({ "name": "../../etc" , "description": "x\u{0}y" }), ""),
        ("render", json!({ "view": "containers/shpo" }), "did you mean `containers/shop`?"),
        ("simulate", json!({ "scenario": "rush" }), "there is no scenario `rush`"),
        ("simulate", json!({ "text": "duration = \"-1s\"" }), "scenario.toml:1:12"),
        ("simulate", json!({ "text": SCENARIO, "set": ["shop/db.replikas=3"] }), "--set:1:9"),
        ("simulate", json!({ "text": SCENARIO, "set": ["shop/db.replicas=many"] }), "--set:1:18"),
        ("simulate", json!({ "text": SCENARIO, "duration": "soon" }), "which is no time"),
        ("simulate", json!({ "text": SCENARIO, "environment": "nowhere" }), "there is no deployment `nowhere`"),
        ("simulate", json!({ "text": SCENARIO, "variants": ["as it is"] }), "did you mean `as is`?"),
    ] {
        let answer = client.ask("tools/call", json!({ "name": tool, "arguments": arguments })).await;
        let text = answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{tool}: {answer}"));
        if !said.is_empty() {
            assert_eq!(answer["result"]["isError"], true, "{tool}: {answer}");
            assert!(text.contains(said), "{tool}: {text}");
        }
        assert!(text.len() < 5000);
    }
    // Arguments that are no object, and no arguments at all.
    let answer = client.ask("tools/call", json!({ "name": "describe", "arguments": [1] })).await;
    assert!(answer["error"].is_object() || answer["result"]["isError"] == true, "{answer}");
    assert!(client.ask("tools/call", json!({ "name": "describe" })).await["result"]["structuredContent"].is_object());
}

#[tokio::test]
async fn selectors_pick_for_agents_as_they_do_for_people() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let ids = |answer: &Value, list: &str| -> Vec<String> {
        let rows = answer[list].as_array().unwrap_or_else(|| panic!("{answer}"));
        let id =
            |row: &Value| row["id"].as_str().or(row["source"].as_str()).unwrap_or_else(|| panic!("{row}")).to_owned();
        rows.iter().map(id).collect()
    };
    let databases = json!({ "select": "kind:container and type:database", "format": "json" });
    let found = client.call("find", databases.clone()).await;
    assert_eq!(ids(&found, "results"), ["shop/db"]);
    let mut list = databases.clone();
    list["kind"] = json!("list");
    assert_eq!(ids(&client.call("query", list).await, "elements"), ["shop/db"]);
    let told = client.call("describe", databases).await;
    assert_eq!(ids(&told, "elements"), ["shop/db"]);
    let relations = json!({ "kind": "relations", "select": "to:shop/db", "format": "json" });
    let relations = client.call("query", relations).await;
    assert_eq!(relations["relations"][0]["source"], "shop/api", "{relations}");
    assert_eq!(relations["total"], 1);
    let none = client.call("find", json!({ "select": "tag:nobody-has-this", "format": "json" })).await;
    assert!(ids(&none, "results").is_empty());
}

#[tokio::test]
async fn nothing_outside_the_workspace_is_reached() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(outside.path().join("src/secret")).unwrap();
    std::fs::write(outside.path().join("src/secret/system.md"), "---\nname: Secret\n---\n").unwrap();
    let folder = shop();
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path(), folder.path().join("way-out")).unwrap();
    let mut client = Client::start(folder.path()).await;
    let outside_path = outside.path().to_str().unwrap();
    for root in [outside_path, "..", "/", "/etc", "way-out", "src/../../..", "\u{0}"] {
        let text = client.refusal("query_project", json!({ "project_root": root })).await;
        assert!(!text.contains("Secret"), "{text}");
        client.refusal("create_system", json!({ "project_root": root, "name": "Mine" })).await;
    }
    for dir in ["..", "/tmp/elsewhere", "../x", "way-out/x", "a/../../b", "way-out"] {
        client.refusal("build_docs", json!({ "output_dir": dir })).await;
    }
    for name in ["../evil", "..", "/etc/passwd", "a/../../b", "con"] {
        let _ = client.result("create_system", json!({ "name": name })).await;
        let _ = client.result("update_diagram", json!({ "system_name": name, "d2_source": "a -> b" })).await;
    }
    let left: Vec<_> = std::fs::read_dir(outside.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["src"]);
    // A folder inside is a workspace of its own; the workspace itself may be named.
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    assert_eq!(client.call("query_project", json!({ "project_root": "inner" })).await["stats"]["systems"], 0);
    let own = folder.path().to_str().unwrap();
    assert!(client.call("query_project", json!({ "project_root": own })).await["stats"]["systems"].as_u64() >= Some(2));
}

/// A scenario that an agent has written itself.
const SCENARIO: &str = r#"
name = "Orders"
duration = "30s"
[[load]]
name = "order"
from = "customer"
to = "shop/web"
profile = { rate = "20rps" }
[[fault]]
at = "10s"
for = "10s"
slow = "shop/db"
[[variant]]
name = "as is"
[[variant]]
name = "with retries"
set = { "shop/web -> shop/api" = { retry = { attempts = 3 } } }
[[expect]]
that = "p99 < 10s"
"#;

/// A call of every tool that succeeds on the shop.
fn calls() -> Vec<(&'static str, Value)> {
    vec![
        ("query_project", json!({})),
        ("query_architecture", json!({ "detail": "structure" })),
        ("query_architecture", json!({ "detail": "full", "format": "toon", "target_system": "Shop" })),
        ("query_architecture", json!({ "detail": "summary", "format": "json", "project_root": "." })),
        ("search_elements", json!({ "query": "*", "limit": 3 })),
        ("find_relationships", json!({ "source_pattern": "shop" })),
        ("query_dependencies", json!({ "entity_id": "API", "direction": "both" })),
        (
            "query_dependencies",
            json!({ "system_id": "shop", "container_id": "api", "component_id": "Checkout", "target_component_id": "mail" }),
        ),
        ("query_related_components", json!({ "system_id": "shop", "container_id": "api", "component_id": "checkout" })),
        ("analyze_coupling", json!({ "source": "API" })),
        ("analyze_coupling", json!({})),
        ("validate", json!({})),
        ("validate_diagram", json!({ "d2_source": "a -> b: x", "level": "system" })),
        ("list_relationships", json!({ "system_name": "shop" })),
        ("describe", json!({ "level": "summary" })),
        ("describe", json!({ "element": "shop/api" })),
        ("query", json!({ "kind": "dependencies", "element": "shop/web", "transitive": true })),
        ("query", json!({ "kind": "path", "element": "customer", "to": "shop/db" })),
        ("query", json!({ "kind": "stats" })),
        ("query", json!({ "kind": "relations", "element": "shop/api" })),
        ("query", json!({ "kind": "decisions" })),
        ("find", json!({ "query": "api" })),
        ("impact", json!({ "element": "DB" })),
        ("render", json!({ "view": "containers/shop" })),
        ("render", json!({ "element": "shop/api", "format": "svg" })),
        ("render", json!({ "format": "png" })),
        ("check_change", json!({ "source": "shop/web", "target": "shop/db" })),
        ("propose", json!({ "operations": [{ "op": "update", "element": "shop/db", "set": { "owner": "data" } }] })),
        ("pattern_suggest", json!({ "facts": { "users": "50000" }, "limit": 3 })),
        ("pattern_show", json!({ "pattern": "saga-orchestration" })),
        ("pattern_check", json!({})),
        ("pattern_upgrade", json!({})),
        ("simulate", json!({})),
        ("simulate", json!({ "text": SCENARIO, "replications": 2, "set": ["shop/db.service_time=2x"] })),
        ("simulate", json!({ "text": SCENARIO, "quick": true })),
        (
            "pattern_apply",
            json!({ "pattern": "circuit-breaker", "bind": { "caller": "shop/api", "callee": ["mail"] } }),
        ),
        ("create_system", json!({ "name": "OrderPlatform", "responsibilities": ["Takes orders"], "tags": ["new"] })),
        ("create_container", json!({ "name": "OrderService", "parent": "OrderPlatform" })),
        (
            "create_component",
            json!({ "system_name": "OrderPlatform", "container_name": "OrderService", "name": "Cart", "preview": true }),
        ),
        (
            "create_components",
            json!({ "parent": "OrderPlatform/OrderService", "components": [{ "name": "A" }, { "name": "B" }, { "name": "" }] }),
        ),
        (
            "update_system",
            json!({ "system_name": "OrderPlatform", "description": "Orders", "key_users": ["Customers"] }),
        ),
        (
            "update_container",
            json!({ "system_name": "OrderPlatform", "container_name": "OrderService", "technology": "Go" }),
        ),
        (
            "update_component",
            json!({ "system_name": "OrderPlatform", "container_name": "OrderService", "component_name": "Cart", "tags": ["x"] }),
        ),
        (
            "create_relationship",
            json!({ "system_name": "OrderPlatform", "source": "OrderService", "target": "shop/api", "label": "Asks", "type": "event" }),
        ),
        ("update_diagram", json!({ "system_name": "OrderPlatform", "d2_source": "# orders\nOrderService" })),
        ("build_docs", json!({})),
        ("undo", json!({})),
    ]
}

#[tokio::test]
async fn every_tool_answers_as_its_schema_says() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let listed = client.ask("tools/list", json!({})).await["result"]["tools"].as_array().unwrap().clone();
    let names: Vec<&str> = listed.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.len() >= 33, "{names:?}");
    let mut called: Vec<&str> = Vec::new();
    for (tool, arguments) in calls() {
        let described = listed.iter().find(|it| it["name"] == tool).unwrap();
        let input = jsonschema::validator_for(&described["inputSchema"]).unwrap();
        assert!(
            input.is_valid(&arguments),
            "{tool}: {:?}",
            input.validate(&arguments).err().map(|error| error.to_string())
        );
        let result = client.result(tool, arguments.clone()).await;
        assert_ne!(result["isError"], true, "{tool} {arguments}: {}", result["content"][0]["text"]);
        let output = jsonschema::validator_for(&described["outputSchema"]).unwrap();
        let structured = &result["structuredContent"];
        assert!(
            output.is_valid(structured),
            "{tool}: {:?}\n{structured}",
            output.validate(structured).err().map(|error| error.to_string())
        );
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(described["annotations"][hint].is_boolean(), "{tool} {hint}");
        }
        called.push(tool);
    }
    called.extend(["apply", "delete_relationship", "diff", "pattern_remove"]);
    let never: Vec<&&str> = names.iter().filter(|name| !called.contains(name)).collect();
    assert!(never.is_empty(), "no test calls {never:?}");
}

/// All files below a folder with what is in them.
fn tree(folder: &std::path::Path) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                files.insert(path, bytes);
            }
        }
    }
    files
}

#[tokio::test]
async fn a_read_only_server_writes_nothing_whatever_is_called() {
    let folder = shop();
    let before = tree(folder.path());
    let hub = client::hub(folder.path());
    hub.refuse_writes();
    let mut client = Client::of(&hub);
    let hello = client.hello("2025-11-25").await;
    assert!(hello["result"]["instructions"].as_str().unwrap().contains("read-only"), "{hello}");
    let listed = client.ask("tools/list", json!({})).await["result"]["tools"].as_array().unwrap().clone();
    let names: Vec<&str> = listed.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert!(listed.iter().all(|tool| tool["annotations"]["readOnlyHint"] == true), "{names:?}");
    let (mut done, mut refused) = (0, 0);
    let drafted = json!({ "operations": [{ "op": "update", "element": "shop/db", "set": { "owner": "data" } }] });
    let token = client.call("propose", drafted).await["token"].clone();
    let mut all = calls();
    all.push(("apply", json!({ "token": token })));
    all.push(("delete_relationship", json!({ "system_name": "shop", "relationship_id": "x" })));
    for (tool, arguments) in all {
        let result = client.result(tool, arguments).await;
        if names.contains(&tool) {
            assert_ne!(result["isError"], true, "{tool}: {}", result["content"][0]["text"]);
            done += 1;
        } else {
            assert!(result["content"][0]["text"].as_str().unwrap().contains("read-only"), "{tool}: {result}");
            refused += 1;
        }
    }
    assert!(done > 20 && refused > 10, "{done} {refused}");
    assert!(before == tree(folder.path()), "nothing was written");
}

#[tokio::test]
async fn reads_keep_the_limit_in_every_form() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    for (tool, arguments) in calls() {
        if tool == "render" || tool == "propose" {
            continue;
        }
        let listed = client.ask("tools/list", json!({})).await["result"]["tools"].as_array().unwrap().clone();
        let described = listed.iter().find(|it| it["name"] == tool).unwrap();
        if described["annotations"]["readOnlyHint"] != true {
            continue;
        }
        let own_format = tool == "query_architecture";
        for format in ["json", "toon", "markdown"] {
            for tokens_max in [60, 150, 400] {
                let mut asked = arguments.clone();
                asked["max_tokens"] = json!(tokens_max);
                if !own_format {
                    asked["format"] = json!(format);
                }
                let result = client.result(tool, asked).await;
                assert_ne!(result["isError"], true, "{tool}: {result}");
                let text = result["content"][0]["text"].as_str().unwrap();
                let counted = loko_mcp::tokens(text).max(loko_mcp::tokens(&result["structuredContent"].to_string()));
                assert!(counted <= tokens_max, "{tool} {format} {tokens_max}: {counted}\n{text}");
            }
        }
    }
}

#[tokio::test]
async fn hand_written_bytes_survive_and_changes_can_be_undone() {
    let folder = shop();
    let file = folder.path().join("src/shop/system.md");
    let before = std::fs::read_to_string(&file).unwrap();
    let mut client = Client::start(folder.path()).await;
    client.call("update_system", json!({ "system_name": "Shop", "description": "Sells everything" })).await;
    let after = std::fs::read_to_string(&file).unwrap();
    assert_eq!(after, before.replace("Sells things", "Sells everything"));
    client.call("undo", json!({})).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    assert!(client.refusal("undo", json!({})).await.contains("nothing was changed"));
}

#[tokio::test]
async fn agents_record_the_ids_that_they_change() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let settings = || std::fs::read_to_string(folder.path().join("loko.toml")).unwrap_or_default();
    let before = settings();
    let operations = json!([{ "op": "rename", "element": "shop/db", "name": "Order store" }]);
    let proposed = client.call("propose", json!({ "operations": operations })).await;
    client.call("apply", json!({ "token": proposed["token"] })).await;
    let record = "[[moved]]\nfrom = \"shop/db\"\nto = \"shop/order-store\"\n";
    assert!(settings().ends_with(record), "{}", settings());
    client.call("update_system", json!({ "system_name": "Shop", "name": "Store" })).await;
    let records = "from = \"shop/db\"\nto = \"store/order-store\"\n\n[[moved]]\nfrom = \"shop\"\nto = \"store\"\n";
    assert!(settings().ends_with(records), "{}", settings());
    client.call("undo", json!({})).await;
    client.call("undo", json!({})).await;
    assert_eq!(settings(), before);
}

#[tokio::test]
async fn a_proposal_is_applied_whole_once_and_never_stale() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let operations = json!([
        { "op": "create", "kind": "container", "name": "Queue", "parent": "shop", "technology": "RabbitMQ" },
        { "op": "link", "source": "shop/api", "target": "shop/queue", "description": "Announces orders", "kind": "async" },
        { "op": "rename", "element": "shop/db", "name": "Order store" },
        { "op": "document", "element": "shop/queue", "markdown": "## What it holds\n\nOrders." },
    ]);
    let proposed = client.call("propose", json!({ "operations": operations })).await;
    assert!(!folder.path().join("src/shop/queue").exists(), "nothing is written yet");
    assert!(proposed["diff"].as_str().unwrap().contains("+name: Queue"), "{proposed}");
    assert_eq!(proposed["decisions"][0]["id"], "0001-rust");
    assert!(proposed["blast_radius"]["elements"].as_u64().unwrap() >= 1, "{proposed}");
    let token = proposed["token"].as_str().unwrap().to_owned();
    let applied = client.call("apply", json!({ "token": token })).await;
    assert_eq!(applied["applied"], true);
    let text = std::fs::read_to_string(folder.path().join("src/shop/queue/container.md")).unwrap();
    assert!(text.ends_with("## What it holds\n\nOrders.\n"), "{text}");
    assert!(folder.path().join("src/shop/order-store/container.md").exists());
    assert_eq!(client.call("apply", json!({ "token": token })).await["change"], applied["change"], "twice is once");
    client.call("undo", json!({ "change": applied["change"] })).await;
    assert!(folder.path().join("src/shop/db/container.md").exists() && !folder.path().join("src/shop/queue").exists());

    // Somebody else writes between proposal and application.
    let proposed =
        client.call("propose", json!({ "operations": [{ "op": "remove", "element": "mail", "cascade": true }] })).await;
    std::fs::create_dir_all(folder.path().join("src/stock")).unwrap();
    std::fs::write(folder.path().join("src/stock/system.md"), "---\nname: Stock\n---\n").unwrap();
    let said = client.refusal("apply", json!({ "token": proposed["token"] })).await;
    assert!(said.contains("added src/stock/system.md") && said.contains("new elements: `stock`"), "{said}");
    assert!(folder.path().join("src/mail/external.md").exists());
}

#[tokio::test]
async fn a_pattern_is_worked_out_applied_and_taken_back() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let wish = json!({ "pattern": "circuit breaker", "bind": { "caller": "shop/api", "callee": "mail" } });
    let proposed = client.call("pattern_apply", wish.clone()).await;
    assert_eq!(proposed["pattern"], "circuit-breaker");
    let before = std::fs::read_to_string(folder.path().join("src/shop/api/container.md")).unwrap();
    let applied = client.call("apply", json!({ "token": proposed["token"] })).await;
    let after = std::fs::read_to_string(folder.path().join("src/shop/api/container.md")).unwrap();
    assert_ne!(before, after, "{applied}");
    assert_eq!(client.call("pattern_apply", wish.clone()).await["token"], "", "twice is once");

    // What is new since the revision that the proposal was made for.
    let changes = client.call("diff", json!({ "since": proposed["revision"] })).await;
    assert_eq!(changes["revision"], applied["revision"]);
    assert!(changes["text"].as_str().unwrap().contains("shop/api"), "{changes}");
    let nothing = client.call("diff", json!({ "since": applied["revision"] })).await;
    assert!(nothing["text"].as_str().unwrap().contains("nothing changed"), "{nothing}");

    client.call("undo", json!({})).await;
    assert_eq!(std::fs::read_to_string(folder.path().join("src/shop/api/container.md")).unwrap(), before);

    // Applied, checked, followed to another version, taken away.
    let proposed = client.call("pattern_apply", wish).await;
    assert!(proposed["affected"].as_array().unwrap().contains(&json!("shop/api")), "{proposed}");
    client.call("apply", json!({ "token": proposed["token"] })).await;
    let used = client.call("pattern_check", json!({ "pattern": "circuit-breaker" })).await;
    assert_eq!(used["uses"][0]["roles"]["caller"], json!(["shop/api"]));
    assert!(used["uses"][0]["obligations"].as_array().unwrap().iter().all(|it| it["holds"] == true), "{used}");
    let own = "extends = \"circuit-breaker\"\nversion = \"9\"\n\n[param.timeout]\ntakes = \"duration\"\ndefault = \"750ms\"\nsays = \"How long\"\n";
    std::fs::create_dir_all(folder.path().join("patterns/circuit-breaker")).unwrap();
    std::fs::write(folder.path().join("patterns/circuit-breaker/pattern.toml"), own).unwrap();
    let proposed = client.call("pattern_upgrade", json!({ "name": "circuit-breaker" })).await;
    let told = proposed["summary"].to_string();
    assert!(told.contains("from version 1 of `circuit-breaker` to 9") && told.contains("750ms"), "{told}");
    client.call("apply", json!({ "token": proposed["token"] })).await;
    let nothing = client.call("pattern_upgrade", json!({})).await;
    assert_eq!(nothing["token"], "", "{nothing}");
    let proposed = client.call("pattern_remove", json!({ "name": "circuit-breaker" })).await;
    client.call("apply", json!({ "token": proposed["token"] })).await;
    assert_eq!(std::fs::read_to_string(folder.path().join("src/shop/api/container.md")).unwrap(), before);

    for (tool, arguments, expected) in [
        ("pattern_show", json!({ "pattern": "circuit-braker" }), "`circuit-breaker`"),
        ("pattern_check", json!({ "pattern": "outbox" }), "no element plays a role"),
        ("pattern_remove", json!({ "name": "circuit-breaker" }), "no pattern is applied as"),
        ("pattern_upgrade", json!({ "params": { "timeout": "1s" } }), "`name`"),
        ("pattern_apply", json!({ "pattern": "circuit-braker" }), "`circuit-breaker`"),
        ("pattern_apply", json!({ "pattern": "circuit-breaker", "bind": { "caler": "shop/api" } }), "caller"),
        ("pattern_apply", json!({ "pattern": "circuit-breaker", "bind": { "caller": "nowhere" } }), "nowhere"),
        ("pattern_suggest", json!({ "facts": { "usrs": "3" } }), "`users`"),
        ("pattern_suggest", json!({ "category": "magic" }), "resilience"),
        ("diff", json!({ "before": "r1-0000000000000000" }), "not remembered"),
        ("diff", json!({ "before": "v1" }), "no revision"),
    ] {
        let said = client.refusal(tool, arguments).await;
        assert!(said.contains(expected), "{tool}: {said}");
    }
}

#[tokio::test]
async fn a_proposal_with_one_bad_operation_is_none() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let operations = json!([
        { "op": "create", "kind": "system", "name": "Fine" },
        { "op": "link", "source": "fine", "target": "nowhere" },
    ]);
    let said = client.refusal("propose", json!({ "operations": operations })).await;
    assert!(said.contains("operation 2 of 2") && said.contains("`nowhere`"), "{said}");
    assert!(!folder.path().join("src/fine").exists());
}

#[tokio::test]
async fn a_change_is_checked_by_words_and_by_code() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let yes = client.call("check_change", json!({ "source": "shop/web", "target": "API" })).await;
    assert_eq!(yes["verdict"], "allowed");
    assert!(yes["for"][0]["place"].as_str().unwrap().starts_with("src/shop/web/container.md:"), "{yes}");
    let unknown = client.call("check_change", json!({ "source": "shop/web", "target": "shop/db" })).await;
    assert_eq!(unknown["verdict"], "undeclared");
    let cycle = client.call("check_change", json!({ "source": "shop/db", "target": "shop/web" })).await;
    assert_eq!((cycle["verdict"].as_str(), cycle["against"][0]["kind"].as_str()), (Some("against"), Some("cycle")));
    let diff = "--- a/apps/web/order.ts\n+++ b/apps/web/order.ts\n@@ -1 +1,2 @@\n+import { pool } from '../../services/db/pool'\n";
    let code = client.call("check_change", json!({ "diff": diff })).await;
    assert_eq!(code["files"][0]["elements"], "shop/web");
    assert_eq!(
        (&code["dependencies"][0]["target"], code["verdict"].as_str()),
        (&json!("shop/db"), Some("undeclared")),
        "{code}"
    );
}

#[tokio::test]
async fn writers_at_the_same_time_lose_nothing() {
    let folder = shop();
    let hub = hub(folder.path());
    let mut tasks = Vec::new();
    for writer in 0..4 {
        let mut client = Client::of(&hub);
        tasks.push(tokio::spawn(async move {
            client.hello("2025-11-25").await;
            for at in 0..5 {
                client.call("create_container", json!({ "parent": "shop", "name": format!("W{writer} {at}") })).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let mut client = Client::start(folder.path()).await;
    assert_eq!(client.call("query_project", json!({})).await["stats"]["containers"], 23);
}

#[tokio::test]
async fn requests_that_are_not_waited_for_are_answered_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut client = Client::start(folder.path()).await;
    let calls = [
        ("create_system", json!({ "name": "A" })),
        ("create_container", json!({ "name": "B", "parent": "A" })),
        ("create_component", json!({ "name": "C", "parent": "A/B" })),
        ("query_project", json!({})),
    ];
    for (at, (tool, arguments)) in calls.iter().enumerate() {
        client.line(&json!({ "jsonrpc": "2.0", "id": 100 + at, "method": "tools/call", "params": { "name": tool, "arguments": arguments } }).to_string()).await;
    }
    for at in 0..calls.len() {
        let answer = client.read().await;
        assert_eq!(answer["id"], 100 + at, "{answer}");
        assert_ne!(answer["result"]["isError"], true, "{answer}");
        if at == 3 {
            assert_eq!(answer["result"]["structuredContent"]["stats"]["components"], 1);
        }
    }
}

#[tokio::test]
async fn resources_prompts_and_completions() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let listed = client.ask("resources/list", json!({})).await["result"]["resources"].as_array().unwrap().clone();
    for resource in &listed {
        let answer = client.ask("resources/read", json!({ "uri": resource["uri"] })).await;
        let contents = &answer["result"]["contents"][0];
        assert!(contents["text"].as_str().is_some_and(|text| !text.is_empty()), "{resource}: {answer}");
        assert_eq!(contents["mimeType"], resource["mimeType"]);
    }
    let png = client.ask("resources/read", json!({ "uri": "loko://views/landscape.png" })).await;
    assert!(png["result"]["contents"][0]["blob"].as_str().unwrap().starts_with("iVBOR"), "a PNG in Base64");
    for uri in [
        "loko://elements/nothing",
        "loko://views/../../etc/passwd",
        "file:///etc/passwd",
        "",
        "loko://decisions/../loko.toml",
    ] {
        let answer = client.ask("resources/read", json!({ "uri": uri })).await;
        assert_eq!(answer["error"]["code"], -32002, "{uri}: {answer}");
    }
    assert!(
        client.ask("resources/templates/list", json!({})).await["result"]["resourceTemplates"]
            .as_array()
            .unwrap()
            .len()
            >= 4
    );

    let prompts = client.ask("prompts/list", json!({})).await["result"]["prompts"].as_array().unwrap().clone();
    assert_eq!(prompts.len(), 4);
    let design = client
        .ask("prompts/get", json!({ "name": "design", "arguments": { "feature": "Gift cards", "element": "shop" } }))
        .await;
    let text = design["result"]["messages"][0]["content"]["text"].as_str().unwrap();
    assert!(text.contains("Gift cards") && text.contains("`shop`") && text.contains("shop/api"), "{text}");
    assert_eq!(client.ask("prompts/get", json!({ "name": "design" })).await["error"]["code"], -32602);

    let complete = |reference: Value, name: &str, value: &str| json!({ "ref": reference, "argument": { "name": name, "value": value } });
    let template = json!({ "type": "ref/resource", "uri": "loko://elements/{+id}" });
    let found = client.ask("completion/complete", complete(template, "id", "ap")).await;
    assert_eq!(found["result"]["completion"]["values"][0], "shop/api", "{found}");
    let prompt = json!({ "type": "ref/prompt", "name": "document" });
    let found = client.ask("completion/complete", complete(prompt, "element", "")).await;
    assert_eq!(found["result"]["completion"]["total"], 7, "{found}");
}

#[tokio::test]
async fn those_who_listen_hear_of_changes() {
    let folder = shop();
    let hub = hub(folder.path());
    let mut client = Client::of(&hub);
    client.hello("2025-11-25").await;
    assert!(client.ask("logging/setLevel", json!({ "level": "info" })).await["result"].is_object());
    client.ask("resources/subscribe", json!({ "uri": "loko://elements/shop/api" })).await;
    client.ask("resources/subscribe", json!({ "uri": "loko://elements/shop/web" })).await;
    client.call("query_project", json!({})).await;
    // Somebody edits a file and adds another one.
    let file = folder.path().join("src/shop/api/container.md");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("Rust", "Go")).unwrap();
    std::fs::create_dir_all(folder.path().join("src/stock")).unwrap();
    std::fs::write(folder.path().join("src/stock/system.md"), "---\nname: Stock\n---\n").unwrap();
    hub.files_changed(None);
    for _ in 0..100 {
        client.ask("ping", json!({})).await;
        if client.heard.len() >= 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let methods: Vec<&str> = client.heard.iter().map(|it| it["method"].as_str().unwrap()).collect();
    assert_eq!(
        methods,
        ["notifications/resources/list_changed", "notifications/resources/updated", "notifications/message"],
        "{:?}",
        client.heard
    );
    assert_eq!(client.heard[1]["params"]["uri"], "loko://elements/shop/api");
}

#[tokio::test]
async fn long_calls_tell_how_far_they_are() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let components: Vec<Value> = (0..5).map(|at| json!({ "name": format!("Part {at}") })).collect();
    let answer = client
        .ask("tools/call", json!({
            "name": "create_components", "arguments": { "parent": "shop/api", "components": components }, "_meta": { "progressToken": "p" },
        }))
        .await;
    assert_eq!(answer["result"]["structuredContent"]["created"], 5, "{answer}");
    client.ask("ping", json!({})).await;
    let progress: Vec<&Value> = client.heard.iter().filter(|it| it["method"] == "notifications/progress").collect();
    assert!(!progress.is_empty() && progress[0]["params"]["progressToken"] == "p", "{:?}", client.heard);
}

#[tokio::test]
async fn a_simulation_tells_how_far_it_is_and_ends_when_nobody_waits() {
    let folder = shop();
    let mut client = Client::start(folder.path()).await;
    let call =
        |arguments: Value| json!({ "name": "simulate", "arguments": arguments, "_meta": { "progressToken": "s" } });
    let answer =
        client.ask("tools/call", call(json!({ "text": SCENARIO, "replications": 3, "variants": ["as is"] }))).await;
    let told = &answer["result"]["structuredContent"];
    assert_eq!((&told["holds"], &told["replications"]), (&json!(true), &json!(3)), "{answer}");
    assert!(told["verdict"][0].as_str().is_some_and(|line| line.starts_with("order (as is): p99 goes from")), "{told}");
    let whens: Vec<&str> = told["loads"].as_array().unwrap().iter().map(|row| row["when"].as_str().unwrap()).collect();
    assert_eq!(whens, ["all", "before", "during", "after"]);
    client.ask("ping", json!({})).await;
    let progress: Vec<&Value> = client.heard.iter().filter(|it| it["method"] == "notifications/progress").collect();
    assert!(progress.iter().any(|it| it["params"]["total"].as_f64() == Some(3.0)), "{progress:?}");
    // Hours of load are stopped by a word.
    let long = SCENARIO.replace("\"30s\"", "\"5h\"").replace("20rps", "200rps");
    let params = call(json!({ "text": long, "replications": 100 }));
    client.line(&json!({ "jsonrpc": "2.0", "id": 900, "method": "tools/call", "params": params }).to_string()).await;
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 900 } });
    client.line(&cancel.to_string()).await;
    // Calls are answered one after the other, so this one waits until the long one has ended.
    client.line(&json!({ "jsonrpc": "2.0", "id": 901, "method": "tools/call", "params": { "name": "query_project", "arguments": {} } }).to_string()).await;
    loop {
        let answer = client.read().await;
        if answer["id"] == 901 {
            assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
            break;
        }
    }
}
