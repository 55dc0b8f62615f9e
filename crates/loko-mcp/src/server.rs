//! What speaks the protocol: one [`Hub`] for a workspace, one [`Server`] for a client.

use crate::answer::{self, Form};
use crate::problem::{Problem, clip};
use crate::project::{Backend, OnChange, Project, State, lock};
use crate::resources::Changed;
use crate::tool::{Done, Effect, Entry, Tools};
use crate::{changes, prompts, resources, tokens, tools};
use loko_source::disk::{DiskError, Workspace};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult, CompletionInfo,
    ContentBlock, CustomRequest, CustomResult, ErrorCode, ErrorData, GetPromptRequestParams, GetPromptResponse,
    GetPromptResult, Implementation, InitializeRequestParams, InitializeResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ProgressNotificationParam, PromptMessage, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    Reference, ResourceUpdatedNotificationParam, Role, ServerCapabilities, ServerConfig, SubscribeRequestParams,
    SubscriptionFilter, Tool, UnsubscribeRequestParams,
};
#[expect(deprecated, reason = "older revisions have log messages")]
use rmcp::model::{LoggingLevel, LoggingMessageNotificationParam, SetLevelRequestParams};
use rmcp::service::{NotificationContext, Peer, RequestContext, SubscriptionContext};
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;

/// Changes that a slow client may lag behind before some are told as one.
const CHANGES_MAX: usize = 64;
/// Addresses that one client may subscribe to.
const SUBSCRIPTIONS_MAX: usize = 1000;
/// Workspaces inside the served one that are kept in memory.
const PROJECTS_MAX: usize = 32;

/// What agents are told first.
const INSTRUCTIONS: &str = "\
loko keeps a software architecture as files: systems, containers, components, people, relations, decisions (C4).\n\
Start with `describe` (level summary, then structure); ask details with `query` and `find`. Every read takes `max_tokens`, \
and `format: \"toon\"` needs the fewest. Before you change the architecture, `propose` operations: the answer shows the diff, \
the findings it would add or remove and what it reaches; then `apply` the token. Before you write code that makes one part \
use another, ask `check_change`; to see what load and faults do to it, `simulate`. Elements are named by id (`shop/api`) or by a name that is unique.";

/// What agents are told of a server that writes nothing.
const READ_ONLY: &str = "\nThis server is read-only: proposals can be looked at, and nothing is written.";

/// One served workspace, shared by all clients.
pub struct Hub {
    root: PathBuf,
    backend: Arc<dyn Backend>,
    is_watched: Arc<AtomicBool>,
    /// Whether no tool may write.
    is_read_only: AtomicBool,
    projects: Mutex<BTreeMap<PathBuf, Arc<Project>>>,
    pub(crate) proposals: changes::Proposals,
    tools: Vec<Entry>,
    /// Tells who listens what changed in the served workspace.
    changed: broadcast::Sender<Arc<Changed>>,
    /// Calls that write wait for those before them, and those after for them, in the order of their arrival.
    order: tokio::sync::RwLock<()>,
}

/// Opens a workspace for clients. `is_watched` promises that [`Hub::files_changed`] is called when files change.
pub fn open(root: &Path, backend: Arc<dyn Backend>, is_watched: bool) -> Result<Arc<Hub>, DiskError> {
    let workspace = Workspace::open(root)?;
    Ok(Arc::new(Hub {
        root: workspace.root().to_owned(),
        backend,
        is_watched: Arc::new(AtomicBool::new(is_watched)),
        is_read_only: AtomicBool::new(false),
        projects: Mutex::default(),
        proposals: changes::Proposals::default(),
        tools: tools::all(),
        changed: broadcast::channel(CHANGES_MAX).0,
        order: tokio::sync::RwLock::new(()),
    }))
}

impl Hub {
    /// Reads what is slow to read, so that the first call need not wait.
    pub fn warm_up(&self) {
        tokens::warm_up();
        // A workspace that cannot be read is told of when it is asked for.
        let _ = self.project(None).and_then(|project| project.state());
    }

    /// Takes the promise back: every call reads the files anew.
    pub fn read_each_time(&self) {
        self.is_watched.store(false, Ordering::Relaxed);
    }

    /// From now on no tool writes: those that would are neither listed nor run.
    pub fn refuse_writes(&self) {
        self.is_read_only.store(true, Ordering::Relaxed);
    }

    /// Whether a tool may be used.
    fn allows(&self, entry: &Entry) -> bool {
        entry.effect == Effect::Read || !self.is_read_only.load(Ordering::Relaxed)
    }

    /// The tools that may be used.
    fn usable(&self) -> impl Iterator<Item = &Entry> {
        self.tools.iter().filter(|entry| self.allows(entry))
    }

    /// Tells that files of the workspace changed, by their absolute paths where they are known; those that are in memory are
    /// read again.
    pub fn files_changed(&self, paths: Option<&[PathBuf]>) {
        let projects: Vec<Arc<Project>> = lock(&self.projects).values().cloned().collect();
        for project in projects {
            // What cannot be read is told to whoever asks next.
            let _ = project.follow(paths);
        }
    }

    /// A client's server.
    pub fn server(self: &Arc<Self>) -> Server {
        Server { hub: self.clone(), subscribed: Arc::default(), level: Arc::default() }
    }

    /// The workspace of a folder, which lies inside the served one.
    pub(crate) fn project(&self, folder: Option<&str>) -> Result<Arc<Project>, Problem> {
        let workspace = self.workspace(folder)?;
        let mut projects = lock(&self.projects);
        if let Some(project) = projects.get(workspace.root()) {
            return Ok(project.clone());
        }
        if projects.len() >= PROJECTS_MAX {
            projects.retain(|root, _| *root == self.root);
        }
        let root = workspace.root().to_owned();
        let project =
            Arc::new(Project::new(workspace, self.backend.clone(), self.is_watched.clone(), self.tell(&root)));
        projects.insert(root, project.clone());
        Ok(project)
    }

    /// What is done when a workspace changes: those who listen hear of the served one.
    fn tell(&self, root: &Path) -> OnChange {
        if root != self.root {
            return Box::new(|_, _| {});
        }
        let changed = self.changed.clone();
        Box::new(move |before, after| {
            // Nobody listening is fine.
            if changed.receiver_count() > 0 {
                let _ = changed.send(Arc::new(Changed::between(before, after)));
            }
        })
    }

    /// The served workspace as it is now.
    fn state(&self) -> Result<Arc<State>, Problem> {
        self.project(None)?.state()
    }

    fn workspace(&self, folder: Option<&str>) -> Result<Workspace, Problem> {
        let Some(folder) = folder else { return Ok(Workspace::open(&self.root)?) };
        let inside = |workspace: &Workspace| workspace.root().starts_with(&self.root);
        let shown = clip(folder, 200);
        match Workspace::open(&self.root.join(folder)) {
            Ok(workspace) if inside(&workspace) => Ok(workspace),
            Ok(_) => Err(Problem::new(format!("`project_root` `{shown}` lies outside the served workspace"))
                .help("leave it out, or name a folder inside the workspace; start another server with `loko mcp --project DIR` for others")),
            // Whether something outside exists is nobody's business.
            Err(_) => Err(Problem::new(format!("there is no folder `{shown}` inside the served workspace"))
                .help("leave `project_root` out, or name a folder inside the workspace")),
        }
    }

    fn entry(&self, name: &str) -> Result<&Entry, Problem> {
        let shown = clip(name, 80);
        match self.tools.iter().find(|entry| entry.name == name) {
            Some(entry) if self.allows(entry) => Ok(entry),
            Some(_) => {
                Err(Problem::new(format!("`{shown}` writes, and this server is read-only; nothing was written"))
                    .help("`propose` shows what a change would come to"))
            }
            None => {
                let known: Vec<&str> = self.usable().map(|entry| entry.name).collect();
                let hint = loko_source::suggest::did_you_mean(&shown, known.iter().copied());
                Err(Problem::new(format!("there is no tool `{shown}`"))
                    .help(hint.unwrap_or_else(|| format!("the tools are `{}`", known.join("`, `")))))
            }
        }
    }

    /// Answers a call.
    fn call(&self, name: &str, arguments: Map<String, Value>, tools: &Tools<'_>) -> CallToolResult {
        match self.entry(name).and_then(|entry| (entry.run)(self, arguments, tools)) {
            Ok(done) => result(done),
            Err(problem) => CallToolResult::error(vec![ContentBlock::text(problem.text())]),
        }
    }
}

fn result(done: Done) -> CallToolResult {
    let Done { answer, wanted, omitted, text, own_text, attachments } = done;
    let written = match own_text(&answer) {
        Some(_) => answer::write_own(answer, wanted.tokens_max, omitted, own_text),
        None => answer::write(
            answer,
            wanted,
            omitted,
            |answer| if wanted.form == Form::Markdown { text(answer) } else { None },
        ),
    };
    let mut content = vec![ContentBlock::text(written.text)];
    content.extend(attachments.into_iter().map(|it| ContentBlock::image(it.data, it.media_type)));
    let mut result = CallToolResult::success(content);
    result.structured_content = Some(written.structured);
    result
}

/// What one client speaks to.
#[derive(Clone)]
pub struct Server {
    hub: Arc<Hub>,
    /// Addresses that the client wants to hear of.
    subscribed: Arc<Mutex<BTreeSet<String>>>,
    /// How much the client wants to be told; nothing until it says so.
    #[expect(deprecated, reason = "older revisions have log messages")]
    level: Arc<Mutex<Option<LoggingLevel>>>,
}

impl Server {
    /// Does something with the workspace on a thread where waiting is fine.
    async fn with_state<T: Send + 'static>(
        &self,
        work: impl FnOnce(&State) -> Result<T, ErrorData> + Send + 'static,
    ) -> Result<T, ErrorData> {
        let hub = self.hub.clone();
        let _turn = self.hub.order.read().await;
        let done = tokio::task::spawn_blocking(move || {
            let state = hub.state().map_err(|problem| ErrorData::internal_error(problem.text(), None))?;
            work(&state)
        });
        done.await.map_err(|_| ErrorData::internal_error("loko made a mistake; please report it", None))?
    }

    /// Tells a client of changes for as long as it is there.
    fn follow(&self, peer: Peer<RoleServer>) {
        let (server, mut changes) = (self.clone(), self.hub.changed.subscribe());
        tokio::spawn(async move {
            while !peer.is_transport_closed() {
                let changed = match changes.recv().await {
                    Ok(changed) => changed,
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        Arc::new(Changed { list: true, ..Changed::default() })
                    }
                    Err(broadcast::error::RecvError::Closed) => break,
                };
                if server.tell(&peer, &changed).await.is_err() {
                    break;
                }
            }
        });
    }

    #[expect(deprecated, reason = "older revisions have log messages")]
    async fn tell(&self, peer: &Peer<RoleServer>, changed: &Changed) -> Result<(), rmcp::ServiceError> {
        if changed.list {
            peer.notify_resource_list_changed().await?;
        }
        let uris: Vec<String> = lock(&self.subscribed).iter().filter(|uri| changed.touches(uri)).cloned().collect();
        for uri in uris {
            peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(uri)).await?;
        }
        let level = *lock(&self.level);
        if level.is_some_and(|level| matches!(level, LoggingLevel::Debug | LoggingLevel::Info)) {
            let data =
                json!({ "message": "the files changed and were read again", "elements": changed.elements.len() });
            let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, data).with_logger("loko");
            peer.notify_logging_message(message).await?;
        }
        Ok(())
    }

    async fn answer(&self, request: CallToolRequestParams, context: RequestContext<RoleServer>) -> CallToolResult {
        let hub = self.hub.clone();
        let name = request.name.to_string();
        let arguments = request.arguments.unwrap_or_default();
        let is_write = hub.entry(&name).is_ok_and(|entry| entry.effect != Effect::Read);
        let ct = context.ct.clone();
        let progress = Progress::of(&context);
        let work = move || {
            let is_cancelled = || ct.is_cancelled();
            let tell = |done: usize, total: usize, what: &str| progress.tell(done, total, what);
            hub.call(&name, arguments, &Tools { is_cancelled: &is_cancelled, progress: &tell })
        };
        let work = async {
            if is_write {
                let _turn = self.hub.order.write().await;
                tokio::task::spawn_blocking(work).await
            } else {
                let _turn = self.hub.order.read().await;
                tokio::task::spawn_blocking(work).await
            }
        };
        work.await.unwrap_or_else(|_| {
            let text = "loko made a mistake while answering this call; nothing more was done\nhelp: please report the call as a bug of loko";
            CallToolResult::error(vec![ContentBlock::text(text)])
        })
    }
}

/// Tells a client how far its call is, when it asked for that.
struct Progress {
    sender: Option<tokio::sync::mpsc::UnboundedSender<ProgressNotificationParam>>,
    token: Option<rmcp::model::ProgressToken>,
}

impl Progress {
    fn of(context: &RequestContext<RoleServer>) -> Self {
        let Some(token) = context.meta.get_progress_token() else { return Self { sender: None, token: None } };
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let peer = context.peer.clone();
        tokio::spawn(async move {
            while let Some(step) = receiver.recv().await {
                if peer.notify_progress(step).await.is_err() {
                    break;
                }
            }
        });
        Self { sender: Some(sender), token: Some(token) }
    }

    fn tell(&self, done: usize, total: usize, what: &str) {
        if let (Some(sender), Some(token)) = (&self.sender, &self.token) {
            let step =
                ProgressNotificationParam::new(token.clone(), done as f64).with_total(total as f64).with_message(what);
            // A client that is gone hears nothing.
            let _ = sender.send(step);
        }
    }
}

impl ServerHandler for Server {
    #[expect(deprecated, reason = "older revisions have log messages")]
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_completions()
            .enable_logging()
            .enable_resources()
            .enable_resources_list_changed()
            .enable_resources_subscribe()
            .build();
        let about = Implementation::new("loko", env!("CARGO_PKG_VERSION")).with_title("loko: architecture as code");
        let is_read_only = self.hub.is_read_only.load(Ordering::Relaxed);
        let instructions = if is_read_only { format!("{INSTRUCTIONS}{READ_ONLY}") } else { INSTRUCTIONS.to_owned() };
        ServerConfig::new(capabilities).with_server_info(about).with_instructions(instructions)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let answer = self.negotiate_initialize(&request)?;
        let mut agreed = request;
        agreed.protocol_version = answer.protocol_version.clone();
        context.peer.set_peer_info(agreed);
        Ok(answer)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.hub.usable().map(|entry| entry.description.clone()).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.hub.entry(name).ok().map(|entry| entry.description.clone())
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        self.follow(context.peer);
    }

    #[expect(deprecated, reason = "older revisions have log messages")]
    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        *lock(&self.level) = Some(request.level);
        Ok(())
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let cursor = match request.and_then(|request| request.cursor) {
            None => 0,
            Some(cursor) => cursor.parse().map_err(|_| {
                ErrorData::invalid_params("this cursor is none of ours; take `nextCursor` of the last page", None)
            })?,
        };
        let (resources, next) = self.with_state(move |state| Ok(resources::list(state, cursor))).await?;
        let mut result = ListResourcesResult::with_all_items(resources);
        result.next_cursor = next.map(|next| next.to_string());
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(resources::templates()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        let contents = self
            .with_state(move |state| {
                resources::read(state, &uri).ok_or_else(|| {
                    let message = format!(
                        "there is no resource `{}`; resources/list and resources/templates/list tell what there is",
                        clip(&uri, 200)
                    );
                    ErrorData::resource_not_found(message, Some(json!({ "uri": clip(&uri, 200) })))
                })
            })
            .await?;
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let mut subscribed = lock(&self.subscribed);
        if subscribed.len() >= SUBSCRIPTIONS_MAX {
            return Err(ErrorData::invalid_params(
                format!("a client may subscribe to {SUBSCRIPTIONS_MAX} resources"),
                None,
            ));
        }
        subscribed.insert(request.uri);
        Ok(())
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        lock(&self.subscribed).remove(&request.uri);
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.hub.changed.subscribe();
        let sink = context.sink();
        loop {
            let changed = tokio::select! {
                () = context.cancelled() => return Ok(()),
                changed = changes.recv() => changed,
            };
            let changed = match changed {
                Ok(changed) => changed,
                Err(broadcast::error::RecvError::Lagged(_)) => Arc::new(Changed { list: true, ..Changed::default() }),
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            };
            let accepted = context.accepted();
            let mut told = Ok(());
            if changed.list && accepted.resources_list_changed == Some(true) {
                told = sink.notify_resource_list_changed().await;
            }
            for uri in accepted.resource_subscriptions.iter().flatten().filter(|uri| changed.touches(uri)) {
                told = told.and(sink.notify_resource_updated(uri.clone()).await);
            }
            if told.is_err() {
                return Ok(());
            }
        }
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(prompts::list()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let (about, text) = self
            .with_state(move |state| {
                prompts::get(state, &request.name, &arguments).map_err(|reason| ErrorData::invalid_params(reason, None))
            })
            .await?;
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).with_description(about).into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let mut parameter = request.argument.name;
        if let Reference::Resource(reference) = &request.r#ref
            && reference.uri.starts_with("loko://decisions/")
        {
            parameter = "decision".to_owned();
        }
        let written = request.argument.value;
        let (values, total) =
            self.with_state(move |state| Ok(resources::complete(state, &parameter, &written))).await?;
        let has_more = total > values.len();
        let completion = CompletionInfo::with_pagination(values, u32::try_from(total).ok(), has_more)
            .map_err(|reason| ErrorData::internal_error(reason, None))?;
        Ok(CompleteResult::new(completion))
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        // A known method whose parameters do not fit comes here too.
        let message = if request.method == "tools/call" {
            "the parameters of tools/call are `name`, a string, and `arguments`, an object".to_owned()
        } else {
            format!("there is no method `{}`, or its parameters do not fit it", clip(&request.method, 80))
        };
        let code = if request.method == "tools/call" { ErrorCode::INVALID_PARAMS } else { ErrorCode::METHOD_NOT_FOUND };
        Err(ErrorData::new(code, message, None))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(self.answer(request, context).await.into())
    }
}
