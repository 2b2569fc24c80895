/*
 * jmap/types.ts - objects and methods of JMAP, as far as this product uses them
 * (RFC 8620; RFC 8621; RFC 9425 for Quota; RFC 9610 for contacts).
 */
export type Id = string;

export const CORE = 'urn:ietf:params:jmap:core';
export const MAIL = 'urn:ietf:params:jmap:mail';
export const SUBMISSION = 'urn:ietf:params:jmap:submission';
export const QUOTA = 'urn:ietf:params:jmap:quota';
export const SIEVE = 'urn:ietf:params:jmap:sieve';
export const VACATION = 'urn:ietf:params:jmap:vacationresponse';
export const CONTACTS = 'urn:ietf:params:jmap:contacts';
/** What this server can beyond the standards. */
export const OWN = 'urn:x-posthus:mail';

export interface Session {
	capabilities: Record<string, Record<string, unknown>>;
	accounts: Record<Id, {
		name: string;
		isPersonal: boolean;
		isReadOnly: boolean;
		accountCapabilities: Record<string, Record<string, unknown>>;
	}>;
	primaryAccounts: Record<string, Id>;
	username: string;
	apiUrl: string;
	downloadUrl: string;
	uploadUrl: string;
	eventSourceUrl: string;
	state: string;
}

export interface Rights {
	mayReadItems: boolean;
	mayAddItems: boolean;
	mayRemoveItems: boolean;
	maySetSeen: boolean;
	maySetKeywords: boolean;
	mayCreateChild: boolean;
	mayRename: boolean;
	mayDelete: boolean;
	maySubmit: boolean;
}

export type Role = 'inbox' | 'drafts' | 'sent' | 'junk' | 'trash' | 'archive' | (string & {});

export interface Mailbox {
	id: Id;
	name: string;
	parentId: Id | null;
	role: Role | null;
	sortOrder: number;
	totalEmails: number;
	unreadEmails: number;
	totalThreads: number;
	unreadThreads: number;
	myRights: Rights;
	isSubscribed: boolean;
}

export interface Thread {
	id: Id;
	emailIds: Id[];
}

export interface Address {
	name: string | null;
	email: string;
}

export interface BodyPart {
	partId: string | null;
	blobId: Id | null;
	size: number;
	name: string | null;
	type: string;
	charset: string | null;
	disposition: string | null;
	cid: string | null;
	language?: string[] | null;
	location?: string | null;
	subParts?: BodyPart[] | null;
}

export interface BodyValue {
	value: string;
	isEncodingProblem: boolean;
	isTruncated: boolean;
}

export interface Header {
	name: string;
	value: string;
}

/** What the list needs of an Email (LIST_PROPERTIES). */
export interface Email {
	id: Id;
	blobId: Id;
	threadId: Id;
	mailboxIds: Record<Id, boolean>;
	keywords: Record<string, boolean>;
	size: number;
	receivedAt: string;
	sentAt?: string | null;
	from: Address[] | null;
	to: Address[] | null;
	cc?: Address[] | null;
	bcc?: Address[] | null;
	replyTo?: Address[] | null;
	sender?: Address[] | null;
	subject: string | null;
	preview: string;
	hasAttachment: boolean;
	/* The rest is there once the message was opened (BODY_PROPERTIES). */
	messageId?: string[] | null;
	inReplyTo?: string[] | null;
	references?: string[] | null;
	headers?: Header[];
	bodyStructure?: BodyPart;
	bodyValues?: Record<string, BodyValue>;
	textBody?: BodyPart[];
	htmlBody?: BodyPart[];
	attachments?: BodyPart[];
}

export interface Identity {
	id: Id;
	name: string;
	email: string;
	replyTo: Address[] | null;
	bcc: Address[] | null;
	textSignature: string;
	htmlSignature: string;
	mayDelete: boolean;
}

export interface VacationResponse {
	id: 'singleton';
	isEnabled: boolean;
	fromDate: string | null;
	toDate: string | null;
	subject: string | null;
	textBody: string | null;
	htmlBody: string | null;
}

export interface SieveScript {
	id: Id;
	name: string;
	blobId: Id;
	isActive: boolean;
}

export interface AddressBook {
	id: Id;
	name: string;
	isDefault: boolean;
}

export interface NameComponent {
	kind: string;
	value: string;
}

/** A JSContact Card (RFC 9553), as far as the settings show it. */
export interface ContactCard {
	id: Id;
	kind?: string;
	addressBookIds?: Record<Id, boolean>;
	name?: { full?: string; components?: NameComponent[]; isOrdered?: boolean };
	emails?: Record<string, { address: string }>;
	phones?: Record<string, { number: string }>;
	organizations?: Record<string, { name?: string }>;
	notes?: Record<string, { note: string }>;
}

export interface Quota {
	id: Id;
	resourceType: 'octets' | 'count' | string;
	used: number;
	hardLimit: number;
	warnLimit?: number | null;
	scope: string;
	name: string;
	types: string[];
}

/** Of this login (RFC 8620, 7.2). */
export interface PushSubscriptionObject {
	id: Id;
	deviceClientId: string;
	verificationCode: string | null;
	expires: string | null;
	types: string[] | null;
}

export interface Condition {
	inMailbox?: Id;
	inMailboxOtherThan?: Id[];
	before?: string;
	after?: string;
	minSize?: number;
	maxSize?: number;
	allInThreadHaveKeyword?: string;
	someInThreadHaveKeyword?: string;
	noneInThreadHaveKeyword?: string;
	hasKeyword?: string;
	notKeyword?: string;
	hasAttachment?: boolean;
	text?: string;
	from?: string;
	to?: string;
	cc?: string;
	bcc?: string;
	subject?: string;
	body?: string;
	header?: string[];
}

export interface Operator {
	operator: 'AND' | 'OR' | 'NOT';
	conditions: Filter[];
}

export type Filter = Condition | Operator;

export interface SetError {
	type: string;
	description?: string;
	properties?: string[];
	[more: string]: unknown;
}

/** A value of an earlier answer of the same request (RFC 8620, 3.7). */
export interface Reference {
	resultOf: string;
	name: string;
	path: string;
}

type OrReference<A> = { [K in keyof A]: A[K] } & { [K in keyof A as `#${string & K}`]?: Reference };

export interface GetArgs {
	ids?: Id[] | null;
	properties?: string[];
}

export interface GetResult<T> {
	accountId: Id;
	state: string;
	list: T[];
	notFound: Id[];
}

export interface EmailGetArgs extends GetArgs {
	bodyProperties?: string[];
	fetchTextBodyValues?: boolean;
	fetchHTMLBodyValues?: boolean;
	fetchAllBodyValues?: boolean;
	maxBodyValueBytes?: number;
}

export interface ChangesArgs {
	sinceState: string;
	maxChanges?: number;
}

export interface ChangesResult {
	oldState: string;
	newState: string;
	hasMoreChanges: boolean;
	created: Id[];
	updated: Id[];
	destroyed: Id[];
	updatedProperties?: string[] | null;
}

export interface Sort {
	property: string;
	isAscending?: boolean;
	keyword?: string;
}

export interface QueryArgs {
	filter?: Filter | null;
	sort?: Sort[];
	position?: number;
	anchor?: Id;
	anchorOffset?: number;
	limit?: number;
	calculateTotal?: boolean;
	collapseThreads?: boolean;
}

export interface QueryResult {
	queryState: string;
	canCalculateChanges: boolean;
	position: number;
	ids: Id[];
	total?: number;
	limit?: number;
}

export interface SetArgs<T> {
	ifInState?: string | null;
	create?: Record<Id, Partial<T> & Record<string, unknown>>;
	update?: Record<Id, Record<string, unknown>>;
	destroy?: Id[];
	onDestroyRemoveEmails?: boolean;
	onSuccessUpdateEmail?: Record<string, Record<string, unknown>>;
	onSuccessDestroyEmail?: string[];
}

export interface SetResult<T> {
	oldState: string | null;
	newState: string;
	created: Record<Id, Partial<T> & { id: Id }> | null;
	updated: Record<Id, Partial<T> | null> | null;
	destroyed: Id[] | null;
	notCreated: Record<Id, SetError> | null;
	notUpdated: Record<Id, SetError> | null;
	notDestroyed: Record<Id, SetError> | null;
}

export interface Snippet {
	emailId: Id;
	subject: string | null;
	preview: string | null;
}

/** A step of a message's way (docs/jmap.md). */
export interface TrailEvent {
	at: string;
	kind: string;
	state: string;
	text: string;
	recipient: string | null;
	reply: string | null;
	nextTryAt: string | null;
}

export interface TrailStory {
	trace: string;
	at: string;
	state: string;
	events: TrailEvent[];
}

/** Arguments and answer of each method. */
export interface Methods {
	'Core/echo': { args: Record<string, unknown>; result: Record<string, unknown> };
	'Mailbox/get': { args: OrReference<GetArgs>; result: GetResult<Mailbox> };
	'Mailbox/changes': { args: ChangesArgs; result: ChangesResult };
	'Mailbox/set': { args: SetArgs<Mailbox>; result: SetResult<Mailbox> };
	'Thread/get': { args: OrReference<GetArgs>; result: GetResult<Thread> };
	'Thread/changes': { args: ChangesArgs; result: ChangesResult };
	'Email/get': { args: OrReference<EmailGetArgs>; result: GetResult<Email> };
	'Email/changes': { args: ChangesArgs; result: ChangesResult };
	'Email/query': { args: QueryArgs; result: QueryResult };
	'Email/set': { args: SetArgs<Email>; result: SetResult<Email> };
	'Email/import': {
		args: { emails: Record<Id, { blobId: Id; mailboxIds: Record<Id, boolean>; keywords?: Record<string, boolean>; receivedAt?: string }> };
		result: SetResult<Email>;
	};
	'Email/parse': {
		args: { blobIds: Id[]; properties?: string[]; bodyProperties?: string[]; fetchTextBodyValues?: boolean; fetchHTMLBodyValues?: boolean; fetchAllBodyValues?: boolean };
		result: { parsed: Record<Id, Email> | null; notParsable: Id[] | null; notFound: Id[] | null };
	};
	'SearchSnippet/get': {
		args: { filter?: Filter | null; emailIds?: Id[]; '#emailIds'?: Reference };
		result: { list: Snippet[]; notFound: Id[] | null };
	};
	'Identity/get': { args: OrReference<GetArgs>; result: GetResult<Identity> };
	'Identity/set': { args: SetArgs<Identity>; result: SetResult<Identity> };
	'EmailSubmission/get': { args: OrReference<GetArgs>; result: GetResult<Record<string, unknown> & { id: Id }> };
	'EmailSubmission/set': { args: SetArgs<Record<string, unknown>>; result: SetResult<Record<string, unknown>> };
	'EmailSubmission/query': { args: { filter?: Record<string, unknown> | null; sort?: Sort[]; limit?: number }; result: QueryResult };
	'VacationResponse/get': { args: GetArgs; result: GetResult<VacationResponse> };
	'VacationResponse/set': { args: SetArgs<VacationResponse>; result: SetResult<VacationResponse> };
	'SieveScript/get': { args: GetArgs; result: GetResult<SieveScript> };
	'SieveScript/set': { args: SetArgs<SieveScript> & { onSuccessActivateScript?: string; onSuccessDeactivateScript?: boolean }; result: SetResult<SieveScript> };
	'DeletedEmail/count': { args: Record<string, never>; result: { list: { mailboxId: Id; total: number; size: number }[]; state: string } };
	'DeletedEmail/purge': { args: { ids?: Id[]; mailboxId?: Id }; result: { purged: Id[] | null } };
	'DeletedEmail/restore': { args: { ids?: Id[]; mailboxId?: Id }; result: { restored: Id[] | null } };
	'EmailTrail/get': { args: { ids: Id[] }; result: { list: { emailId: Id; stories: TrailStory[] }[]; notFound: Id[] } };
	'Email/unsubscribe': { args: { emailId: Id }; result: { emailId: Id } };
	'SendLimit/get': { args: Record<string, never>; result: { maySend: boolean; list: { kind: string; scope: string; windowSeconds: number | null; used: number; limit: number }[] } };
	'AddressBook/get': { args: GetArgs; result: GetResult<AddressBook> };
	'ContactCard/get': { args: GetArgs; result: GetResult<ContactCard> };
	'ContactCard/query': { args: { filter?: Record<string, unknown> | null; sort?: Sort[]; limit?: number }; result: QueryResult };
	'ContactCard/set': { args: SetArgs<ContactCard>; result: SetResult<ContactCard> };
	/* These take no account. */
	'PushSubscription/get': { args: GetArgs & { accountId: undefined }; result: GetResult<PushSubscriptionObject> };
	'PushSubscription/set': { args: SetArgs<PushSubscriptionObject> & { accountId: undefined }; result: SetResult<PushSubscriptionObject> };
	'Quota/get': { args: OrReference<GetArgs>; result: GetResult<Quota> };
}

export type Method = keyof Methods;
