"""What a person does in Thunderbird: its dialogue that adds an account, its
folders, its window for writing.

Every step waits for what it leads to, up to a limit, and fails with what the
window says.
"""
from lib.runner import until

# The parts of the dialogue stand in the shadow of its container.
HUB = """
const hub = s => document.querySelector("account-hub-container")
    ?.shadowRoot.querySelector(s);
const shown = () => hub("dialog[open]") &&
    hub("account-hub-email > :is(.account-hub-step):not([hidden])");
"""
MAIL = """
const {MailServices} = ChromeUtils.importESModule(
    "resource:///modules/MailServices.sys.mjs");
const account = a => MailServices.accounts.accounts.find(
    x => x.identities.some(i => i.email == a));
const folder = (a, path) => {
    const server = account(a).incomingServer;
    const all = [server.rootFolder, ...server.rootFolder.descendants];
    return all.find(f => f.URI == server.serverURI + "/" + path);
};
"""
STEPS = {"type": "emailAutoConfigSubview", "found": "emailConfigFoundSubview",
         "password": "emailPasswordSubview", "more": "emailSyncAccountsSubview",
         "done": "emailAddedSuccessSubview"}


class Hub:
    """The dialogue in which an account is added."""

    def __init__(self, program):
        self.p = program
        self.opened = False

    def says(self):
        return self.p.run(HUB + """
            const step = shown();
            const header = step?.shadowRoot?.querySelector("account-hub-header");
            return step ? step.id + ": " + (header?.shadowRoot ?? header)
                ?.textContent.replace(/\\s+/g, " ") : "no dialogue";""")

    def step(self, *names, timeout=60):
        """Which of these steps comes first."""
        wanted = {STEPS[n]: n for n in names}
        found = self.p.wait(HUB + """
            const id = shown()?.id;
            return arguments[0].includes(id) &&
                !hub("account-hub-email").classList.contains("busy") && id;""",
            list(wanted), words=lambda: f"no step {names}; it says {self.says()!r}",
            timeout=timeout)
        return wanted[found]

    def field(self, selector):
        return self.p.run(HUB + "return hub(arguments[0])", selector)

    def forward(self):
        """The button that leads on, as soon as it may be pressed."""
        self.p.wait(HUB + "return !hub('account-hub-footer #forward').disabled",
                    words=lambda: f"no way on; it says {self.says()!r}")
        self.p.click(self.field("account-hub-footer #forward"))

    def open(self):
        if not self.opened:  # a new Thunderbird does it by itself
            self.opened = True
        else:
            self.p.run_async("await openAccountHub('MAIL');")
        self.step("type")

    def ask(self, name, address):
        """Give name and address; what Thunderbird found, and where."""
        self.p.type(self.field("email-auto-form #realName"), name)
        self.p.type(self.field("email-auto-form #email"), address)
        self.forward()
        self.step("found", timeout=90)
        return self.p.run(HUB + """
            const c = hub("email-config-found").captureState();
            const server = s => [s.type, s.hostname, s.port, s.socketType, s.auth];
            return {source: c.subSource,
                    servers: [c.incoming, ...c.incomingAlternatives,
                              c.outgoing, ...c.outgoingAlternatives].map(server)};
            """)

    def choose(self, kind):
        self.p.click(self.field(f"email-config-found label#{kind}"))

    def password(self, password):
        self.p.type(self.field("email-password-form #password"), password)
        self.forward()

    def finish(self):
        """To the end of the dialogue."""
        while self.step("more", "done", timeout=90) == "more":
            self.forward()
            self.step("done")
        self.forward()
        self.p.wait(HUB + "return !hub('dialog[open]')",
                    words=lambda: f"it stays: {self.says()!r}")


class Mail:
    """The folders of one account, and writing from it."""

    def __init__(self, program, address):
        self.p, self.address = program, address

    def settings(self):
        """Both servers as they were saved, and the folders of the copies."""
        return self.p.run(MAIL + """
            const a = account(arguments[0]);
            if (!a) return null;
            const i = a.incomingServer, o = MailServices.outgoingServer
                .getServerByKey(a.defaultIdentity.smtpServerKey);
            return {
                incoming: [i.type, i.hostname ?? i.hostName, i.port, i.socketType, i.authMethod,
                           i.username],
                outgoing: [o.type, o.serverURI.host, o.serverURI.port,
                           o.socketType, o.authMethod, o.username],
                name: a.defaultIdentity.fullName,
            };""", self.address)

    def folders(self):
        return self.p.run(MAIL + """
            const s = account(arguments[0]).incomingServer;
            return s.rootFolder.descendants.map(
                f => decodeURI(f.URI.slice(s.serverURI.length + 1)));""",
                          self.address)

    def subjects(self, path):
        return self.p.run(MAIL + """
            const f = folder(arguments[0], arguments[1]);
            return f ? [...f.messages].map(m => m.mime2DecodedSubject) : null;
            """, self.address, path)

    def sees(self, path, subject):
        until(lambda: subject in (self.subjects(path) or []),
              lambda: f"{subject!r} is not in {path}: {self.subjects(path)}", 60)

    def sees_no_more(self, path, subject):
        until(lambda: subject not in (self.subjects(path) or []),
              lambda: f"{subject!r} is still in {path}", 60)

    def open(self, path):
        """Click on a folder: its list is shown, and IDLE begins."""
        self.p.run(MAIL + """
            document.getElementById("tabmail").currentAbout3Pane.displayFolder(
                folder(arguments[0], arguments[1]).URI);""", self.address, path)
        self.p.wait(MAIL + """
            const pane = document.getElementById("tabmail").currentAbout3Pane;
            return pane.gFolder == folder(arguments[0], arguments[1])
                && !!pane.gDBView;""", self.address, path,
                    words=f"{path} does not open")

    def select(self, subject):
        """Choose a message of the open folder; what its pane then shows."""
        self.p.wait("""
            const pane = document.getElementById("tabmail").currentAbout3Pane;
            const view = pane.gDBView;
            for (let n = 0; n < view.rowCount; n++) {
                if (view.getMsgHdrAt(n).mime2DecodedSubject == arguments[0]) {
                    pane.threadTree.selectedIndex = n;
                    return true;
                }
            }""", subject, words=f"{subject!r} is not in the list")
        return self.p.wait("""
            const tab = document.getElementById("tabmail");
            const m = tab.currentAboutMessage;
            if (m?.gMessage?.mime2DecodedSubject != arguments[0]) return null;
            const b = m.getMessagePaneBrowser();
            return b.contentDocument?.body?.innerText.trim() ||
                (b.currentURI?.spec != "about:blank" && b.webProgress &&
                 !b.webProgress.isLoadingDocument && "(shown)");
            """, subject, words=f"{subject!r} is not shown")

    def command(self, name):
        self.p.run("goDoCommand(arguments[0])", name)

    def empty_trash(self):
        self.p.run(MAIL + """
            const s = account(arguments[0]).incomingServer;
            const flag = Ci.nsMsgFolderFlags.Trash;
            s.rootFolder.getFolderWithFlags(flag).emptyTrash(null);""",
                   self.address)

    def write(self, to, subject, body):
        """In a window for writing; sent when this returns."""
        self.p.run(MAIL + """
            const make = (c, i) => Cc[c].createInstance(i);
            const p = make("@mozilla.org/messengercompose/composeparams;1",
                           Ci.nsIMsgComposeParams);
            p.composeFields = make(
                "@mozilla.org/messengercompose/composefields;1",
                Ci.nsIMsgCompFields);
            p.identity = account(arguments[0]).defaultIdentity;
            p.format = Ci.nsIMsgCompFormat.PlainText;
            [p.composeFields.to, p.composeFields.subject, p.composeFields.body] =
                [arguments[1], arguments[2], arguments[3]];
            MailServices.compose.OpenComposeWindowWithParams(null, p);
            """, self.address, to, subject, body)
        window = "const w = Services.wm.getMostRecentWindow('msgcompose');"
        self.p.wait(window + "return w?.composeEditorReady && !w.gWindowLocked",
                    words="no window for writing comes")
        self.p.run(window + "w.goDoCommand('cmd_sendNow')")
        self.p.wait(window + "return !w", words=lambda: "it is not sent: "
                    + str(self.windows()))

    def windows(self):
        return self.p.run("return [...Services.wm.getEnumerator(null)].map("
                          "w => w.document.title + ': ' +"
                          " (w.document.documentElement.textContent || '')"
                          ".replace(/\\s+/g, ' ').slice(0, 300))")
