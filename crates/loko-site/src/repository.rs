//! Where the workspace's repository is on the web: addresses of its files, of the code that elements are made of, of
//! commits and of tags.
//!
//! Only `[site] repository` says so. A clone knows addresses too, but each clone another one: mirrors, forks, ssh, at
//! times with a key in it. Pages made from them would differ from machine to machine and could tell what was told to
//! git alone.

use crate::address::encode;
use loko_model::value::{Data, Entry, Value};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Span};

/// The keys of its table.
const KEYS: [&str; 5] = ["url", "branch", "folder", "file", "commit"];

/// How a code host addresses what is in a repository; `{url}`, `{branch}`, `{path}`, `{id}` and `{tag}` are filled in.
struct Host {
    /// What the names of its servers have in them.
    names: &'static [&'static str],
    /// The branch that is meant when none is named.
    branch: &'static str,
    file: &'static str,
    folder: &'static str,
    commit: &'static str,
    tag: &'static str,
}

const HOSTS: [Host; 4] = [
    Host {
        names: &["github"],
        branch: "HEAD",
        file: "{url}/blob/{branch}/{path}",
        folder: "{url}/tree/{branch}/{path}",
        commit: "{url}/commit/{id}",
        tag: "{url}/tree/{tag}",
    },
    Host {
        names: &["gitlab"],
        branch: "HEAD",
        file: "{url}/-/blob/{branch}/{path}",
        folder: "{url}/-/tree/{branch}/{path}",
        commit: "{url}/-/commit/{id}",
        tag: "{url}/-/tags/{tag}",
    },
    Host {
        names: &["bitbucket"],
        branch: "HEAD",
        file: "{url}/src/{branch}/{path}",
        folder: "{url}/src/{branch}/{path}",
        commit: "{url}/commits/{id}",
        tag: "{url}/src/{tag}",
    },
    Host {
        names: &["gitea", "forgejo", "codeberg"],
        branch: "main",
        file: "{url}/src/branch/{branch}/{path}",
        folder: "{url}/src/branch/{branch}/{path}",
        commit: "{url}/commit/{id}",
        tag: "{url}/src/tag/{tag}",
    },
];

/// The branch where nothing else is known.
const BRANCH: &str = "main";

/// The repository of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Repository {
    url: String,
    branch: String,
    /// The workspace's folder in the repository, with a slash at its end; empty for the root.
    folder: String,
    file: String,
    tree: String,
    commit: String,
    tag: String,
}

/// What is wrong: where, and what ought to be there.
type Wrong = (Span, String);

impl Repository {
    /// Reads the setting: an address, or a table.
    pub(crate) fn read(path: &FilePath, value: &Value) -> (Option<Self>, Vec<Diagnostic>) {
        let mut findings = Vec::new();
        let mut read = Self::default();
        let read = match &value.data {
            Data::Text(url) => {
                let url = Self::web(url).ok_or_else(|| wrong_url(value.span));
                url.and_then(|url| Self { url, ..Self::default() }.complete(value.span))
            }
            Data::Map(table) => {
                let mut told = Ok(());
                for (name, entry) in table {
                    if KEYS.contains(&name.as_str()) {
                        told = told.and(read.setting(name, entry));
                    } else {
                        let message = format!("`repository` has no key `{name}`");
                        let mut finding = Diagnostic::warning("unknown-key", message).at(path, entry.key_span, "");
                        finding.help = did_you_mean(name, KEYS).map(Into::into);
                        findings.push(finding);
                    }
                }
                told.and_then(|()| read.complete(value.span))
            }
            _ => Err(wrong_url(value.span)),
        };
        match read {
            Ok(read) => (Some(read), findings),
            Err((span, message)) => {
                findings.push(Diagnostic::error("bad-value", message).at(path, span, ""));
                (None, findings)
            }
        }
    }

    fn setting(&mut self, name: &str, entry: &Entry) -> Result<(), Wrong> {
        let span = entry.value.span;
        let wrong = |message: &str| (span, message.to_owned());
        let text = entry.value.as_text().map(str::trim).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| wrong(&format!("`{name}` is a text")))?;
        match name {
            "url" => self.url = Self::web(text).ok_or_else(|| wrong_url(span))?,
            "branch" => text.clone_into(&mut self.branch),
            "folder" => {
                let folder = FilePath::new(text).map_err(|error| wrong(&format!("`folder`: {error}")))?;
                self.folder = format!("{folder}/");
            }
            "file" if Self::web(text).is_some() && text.contains("{path}") => text.clone_into(&mut self.file),
            "commit" if Self::web(text).is_some() && text.contains("{id}") => text.clone_into(&mut self.commit),
            "file" => {
                return Err(wrong(
                    "`file` is the address of a file, such as `https://git.example.com/shop/{branch}/{path}`",
                ));
            }
            _ => return Err(wrong("`commit` is the address of a commit, such as `https://git.example.com/shop/{id}`")),
        }
        Ok(())
    }

    /// Fills in what the host of the address says.
    fn complete(self, span: Span) -> Result<Self, Wrong> {
        let server = self.url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or("");
        let server = server.to_ascii_lowercase();
        let host = HOSTS.iter().find(|host| host.names.iter().any(|name| server.contains(name)));
        if self.url.is_empty() {
            return Err(wrong_url(span));
        }
        let or = |said: String, known: &str| if said.is_empty() { known.to_owned() } else { said };
        match host {
            None if self.file.is_empty() => {
                let message = format!(
                    "how `{server}` addresses files is not known; say `repository = {{ url = \"…\", file = \"https://…/{{branch}}/{{path}}\" }}`"
                );
                Err((span, message))
            }
            Some(host) => Ok(Self {
                branch: or(self.branch, host.branch),
                tree: or(self.file.clone(), host.folder),
                file: or(self.file, host.file),
                commit: or(self.commit, host.commit),
                tag: host.tag.to_owned(),
                ..self
            }),
            None => Ok(Self { branch: or(self.branch, BRANCH), tree: self.file.clone(), ..self }),
        }
    }

    /// An address on the web without a name and a key in it; the `.git` that clones ask for is none of it.
    fn web(url: &str) -> Option<String> {
        let url = url.trim().trim_end_matches('/').trim_end_matches(".git").trim_end_matches('/');
        let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme))?;
        let is_plain = !rest.is_empty()
            && !rest.split('/').next().is_some_and(|server| server.contains('@'))
            && !rest.chars().any(|it| it.is_whitespace() || it.is_control() || matches!(it, '"' | '<' | '>' | '\\'));
        is_plain.then(|| url.to_owned())
    }

    fn filled(&self, template: &str, place: &str, value: &str) -> String {
        let address = template.replace("{url}", &self.url).replace("{branch}", &encode(&self.branch));
        address.replace(place, &encode(value))
    }

    /// The address of a file of the workspace.
    pub(crate) fn source(&self, file: &str) -> String {
        self.filled(&self.file, "{path}", &format!("{}{file}", self.folder))
    }

    /// The address of code: the file that a path names, or the folder in which a glob begins. Paths are those of the
    /// repository, wherever in it the workspace is; none for what leaves it.
    pub(crate) fn code(&self, glob: &str) -> Option<String> {
        let clean = glob.trim().trim_start_matches("./").trim_matches('/');
        let parts: Vec<&str> = clean.split('/').collect();
        if clean.is_empty() || clean.contains("://") || parts.contains(&"..") {
            return None;
        }
        let is_wild = |part: &&str| part.contains(['*', '?', '[', '{']);
        let plain = parts.iter().take_while(|part| !is_wild(part)).count();
        let path = parts[..plain].join("/");
        let is_file = plain == parts.len() && parts.last().is_some_and(|name| name.contains('.'));
        let template = if is_file { &self.file } else { &self.tree };
        Some(self.filled(template, "{path}", &path).trim_end_matches('/').to_owned())
    }

    /// The address of a commit, where the host has one.
    pub(crate) fn commit(&self, id: &str) -> Option<String> {
        (!self.commit.is_empty()).then(|| self.filled(&self.commit, "{id}", id))
    }

    /// The address of a tag, where the host has one.
    pub(crate) fn tag(&self, tag: &str) -> Option<String> {
        (!self.tag.is_empty() && !tag.is_empty()).then(|| self.filled(&self.tag, "{tag}", tag))
    }
}

fn wrong_url(span: Span) -> Wrong {
    let message = "`repository` is the address of the repository on the web, without a name in it, such as `https://github.com/acme/shop`";
    (span, message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_model::load::read_toml;

    fn read(text: &str) -> (Option<Repository>, Vec<Diagnostic>) {
        let path = FilePath::new("loko.toml").expect("a path");
        let (table, findings) = read_toml(&path, &format!("r = {text}\n"));
        assert_eq!(findings, []);
        Repository::read(&path, &table["r"].value)
    }

    #[test]
    fn hosts_are_known_by_their_names() {
        let cases = [
            (
                "\"https://github.com/acme/shop.git\"",
                "https://github.com/acme/shop/blob/HEAD/src/a%20b/system.md",
                "https://github.com/acme/shop/tree/HEAD/api/src",
                "https://github.com/acme/shop/commit/abc",
                "https://github.com/acme/shop/tree/v1.0",
            ),
            (
                "{ url = \"https://gitlab.example.com/acme/shop/\", branch = \"release/2\", folder = \"docs/architecture\" }",
                "https://gitlab.example.com/acme/shop/-/blob/release/2/docs/architecture/src/a%20b/system.md",
                "https://gitlab.example.com/acme/shop/-/tree/release/2/api/src",
                "https://gitlab.example.com/acme/shop/-/commit/abc",
                "https://gitlab.example.com/acme/shop/-/tags/v1.0",
            ),
            (
                "\"https://bitbucket.org/acme/shop\"",
                "https://bitbucket.org/acme/shop/src/HEAD/src/a%20b/system.md",
                "https://bitbucket.org/acme/shop/src/HEAD/api/src",
                "https://bitbucket.org/acme/shop/commits/abc",
                "https://bitbucket.org/acme/shop/src/v1.0",
            ),
            (
                "\"https://codeberg.org/acme/shop\"",
                "https://codeberg.org/acme/shop/src/branch/main/src/a%20b/system.md",
                "https://codeberg.org/acme/shop/src/branch/main/api/src",
                "https://codeberg.org/acme/shop/commit/abc",
                "https://codeberg.org/acme/shop/src/tag/v1.0",
            ),
        ];
        for (text, file, folder, commit, tag) in cases {
            let (read, findings) = read(text);
            assert_eq!(findings, [], "{text}");
            let read = read.expect("an address");
            assert_eq!(read.source("src/a b/system.md"), file);
            assert_eq!(read.code("./api/src/**/*.rs").as_deref(), Some(folder));
            assert_eq!(read.commit("abc").as_deref(), Some(commit));
            assert_eq!(read.tag("v1.0").as_deref(), Some(tag));
        }
    }

    #[test]
    fn other_hosts_say_how_they_address_files() {
        let (read, findings) = read(
            "{ url = \"https://git.example.com/shop\", file = \"https://git.example.com/view?at={branch}&file={path}\" }",
        );
        assert_eq!(findings, []);
        let read = read.expect("an address");
        assert_eq!(read.source("src/x.md"), "https://git.example.com/view?at=main&file=src/x.md");
        assert_eq!((read.commit("abc"), read.tag("v1")), (None, None));
    }

    #[test]
    fn code_is_a_file_or_the_folder_before_the_first_wildcard() {
        let (read, _) = read("\"https://github.com/a/b\"");
        let read = read.expect("an address");
        let code = |glob: &str| read.code(glob);
        assert_eq!(code("src/main.rs").as_deref(), Some("https://github.com/a/b/blob/HEAD/src/main.rs"));
        assert_eq!(code("src/").as_deref(), Some("https://github.com/a/b/tree/HEAD/src"));
        assert_eq!(code("src/*.rs").as_deref(), Some("https://github.com/a/b/tree/HEAD/src"));
        assert_eq!(code("**/*.rs").as_deref(), Some("https://github.com/a/b/tree/HEAD"));
        assert_eq!((code("../other/**"), code("https://x/y"), code("")), (None, None, None));
    }

    #[test]
    fn what_is_no_address_is_told() {
        let wrong = [
            "\"javascript:alert(1)\"",
            "\"https://\"",
            "\"https://me:key@github.com/a/b\"",
            "\"https://git.example.com/a\"",
            "{ branch = \"main\" }",
            "{ url = \"https://github.com/a/b\", folder = \"../x\" }",
            "{ url = \"https://github.com/a/b\", file = \"javascript:{path}\" }",
            "{ url = \"https://github.com/a/b\", commit = \"https://x/\" }",
            "3",
        ];
        for text in wrong {
            let (read, findings) = read(text);
            assert_eq!((read, findings.len()), (None, 1), "{text}: {findings:?}");
        }
        let (read, findings) = read("{ url = \"https://github.com/a/b\", brnch = \"x\" }");
        assert!(read.is_some() && findings.len() == 1 && findings[0].code == "unknown-key", "{findings:?}");
    }
}
