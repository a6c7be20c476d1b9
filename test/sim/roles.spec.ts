// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Holder } from "../../phone/holder.js";
import { checkConfig, type ReaderConfig } from "../../protocol/config/document.js";
import { openConfiguration } from "../../protocol/config/signed.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { CredentialError } from "../../protocol/credential/credential.js";
import { type CredentialFields, issueCredential } from "../../protocol/credential/issue.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { EphemeralPool } from "../../protocol/edhoc/ephemeral.js";
import { byKcwt, type OwnCredential } from "../../protocol/edhoc/id-cred.js";
import { openLockdown } from "../../protocol/notice/lockdown.js";
import { openRevocation } from "../../protocol/notice/revocation.js";
import { NO_END } from "../../protocol/plan/format.js";
import { ReaderHandshake } from "../../protocol/sync/reader-handshake.js";
import { SiteHandshake, serverCredential, sessionIdIn } from "../../protocol/sync/site-handshake.js";
import { openList } from "../../protocol/trust/envelope.js";
import { type KeyState, ROLES, type Role, type TrustList } from "../../protocol/trust/list.js";
import { nfcTap } from "../../sim/nfc/tap.js";
import { rootOf, withNextList } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { signConfiguration } from "../../site/lib/configuration/sign.js";
import { signLockdown, signRevocation } from "../../site/lib/notice/sign.js";
import { packRecords, signDelta, signSnapshot } from "../../site/lib/plan/encode.js";
import type { ClientError } from "../../site/lib/provisioning/errors.js";
import { Introduction } from "../../site/lib/provisioning/introduction.js";
import { signingKey } from "../../site/lib/site-keys.js";
import { encodeList, type KeyModel, modelOf, signList } from "../../site/lib/trust/model.js";
import { decide } from "../../src/access/decide.js";
import { emptyEntry } from "../../src/access/plan-entry.js";
import { Edhoc } from "../../src/schemes/edhoc/scheme.js";
import { Bench, CLIENT } from "../src/service/bench.js";
import { device, image, install, start } from "../support/plans.js";
import { providers } from "../support/providers.js";

/**
 * Every role at every place that believes a signature or a proof: the places are the real ones, and what is signed is whole but for
 * the key that signs it.
 */

const crypto = providers[0]!;
const DAY = 86_400;
const DOOR = "FRONT";
const NOW = 1_800_000_000;
const ALL = Object.keys(ROLES) as Role[];
/** When the list of practice keys was issued. */
const ISSUED = 1_577_836_800;

const pair = (n: number): KeyPair => crypto.ed25519KeyPair(new Uint8Array(32).fill(n));
const random = new SeededRandom(3);
const PHONE = pair(40);
const READER = pair(41);
const ID = new Uint8Array(8).fill(7);

/** Who signs, and for which site. */
interface By {
	readonly key: KeyPair;
	readonly site: string;
}
const KEYS = new Map<Role, KeyPair>(ALL.map((role, n) => [role, pair(50 + n)]));
const of = (role: Role): By => ({ key: KEYS.get(role)!, site: "ACME" });

/** One key a role, as `change` has the key of one of them. */
function listed(role?: Role, change: Partial<KeyModel> = {}): KeyModel[] {
	return ALL.map((one) => ({
		publicKey: KEYS.get(one)!.publicKey,
		roles: [one],
		...(one === "install" && { until: NOW + 365 * DAY }),
		...(one === "sync" && { until: ISSUED + 90 * DAY }),
		...(one === role && change),
	}));
}

/** A reader whose site has these keys, with what the reader knows of the time. */
class Reader {
	readonly bench: Bench;
	readonly now: number | undefined;

	constructor(keys: readonly KeyModel[] = listed(), { hasTime = true } = {}) {
		this.bench = new Bench(crypto, undefined, keys);
		this.now = hasTime ? NOW : undefined;
		if (hasTime) this.bench.wall.set(NOW, "synced");
	}

	get trust(): TrustList {
		return this.bench.keys.trust;
	}

	/** A store for plans of this reader; `trust` is another list than its own. */
	plans(trust = this.trust, on = device(crypto, trust)) {
		return { ...on, trust, door: DOOR, knownTime: () => this.now };
	}
}

const plan = (version: number) =>
	image(version, [{ id: ID, access: 0, flags: 0, from: 0, until: NO_END }], { door: DOOR });
const planOf = (by: By, version: number) => ({ ...plan(version), site: by.site });
const signing = ({ key }: By) => ({ crypto, epoch: 1, ...signingKey(key, crypto) });

const own = (cwt: Uint8Array, { secretKey }: KeyPair): OwnCredential => ({
	...byKcwt(cwt),
	...signer(crypto, EDDSA, secretKey),
});

function cwtOf(
	{ key, site }: By,
	fields: Partial<CredentialFields>,
	kid: boolean,
	publicKey: Uint8Array,
): Uint8Array {
	const by = signer(crypto, EDDSA, key.secretKey);
	const claims = { issuer: site, id: ID, key: { algorithm: EDDSA, publicKey }, ...fields } as const;
	return issueCredential(claims, by, kid ? { kid: key.publicKey.slice(0, 4) } : undefined);
}

const ofPhone = (
	by: By,
	dates: Partial<CredentialFields> = { notBefore: NOW - DAY, expires: NOW + 29 * DAY },
) => cwtOf(by, dates, true, PHONE.publicKey);
const ofReader = (by: By, fields: Partial<CredentialFields> = {}, publicKey = READER.publicKey) =>
	cwtOf(by, { subject: DOOR, ...fields }, false, publicKey);

/** A tap over NFC: what door and phone made of the other's credential. */
function tap(at: Reader, phone: Uint8Array, reader: Uint8Array, phoneNow?: number) {
	let door = "nothing";
	let holder = "nothing";
	const plans = start(at.plans());
	assert.equal(
		install(plans, signSnapshot(plan(1), signing({ key: at.bench.keys.signing, site: "ACME" }))),
		"done",
	);
	const edhoc = new Edhoc({
		...{ crypto, random, suites: [4], credentials: [own(reader, READER)], site: at.bench.keys, door: DOOR },
	});
	const session = edhoc.nfc({
		onIdentity: (identity) => {
			const entry = emptyEntry();
			plans.lookup(identity.id, entry);
			const situation = { lockdown: false, awaitingFirstPerson: false };
			const trust = at.now === undefined ? "unset" : "synced";
			const decision = decide(plans, entry, identity, situation, at.now ?? 0, trust, 0);
			door = decision.granted ? "taken" : decision.reason;
			return decision;
		},
		onRefused: (reason) => {
			door = reason;
		},
	});
	const app = new Holder({
		...{ crypto, random, credential: own(phone, PHONE), suite: 4, trust: at.trust },
		...(phoneNow !== undefined && { now: () => phoneNow }),
		onResult: (result) => {
			if (result.kind === "decision") holder = "taken";
			else holder = result.error instanceof CredentialError ? result.error.reason : result.error.message;
		},
	});
	nfcTap(session, app);
	return { door, holder };
}

const noticeOf = ({ site }: By) => ({ site, sequence: 1, issued: NOW });
const opened = (result: object | string): string => (typeof result === "string" ? result : "taken");
const inCredential = (message: unknown): string =>
	/credential: ([a-z-]+)/.exec(String(message))?.[1] ?? String(message);
const taken = (result: string | undefined): string =>
	result === undefined || result === "done" || result === "applied" ? "taken" : result;

interface Place {
	/** What believes a key here. */
	readonly right: readonly (Role | "root")[];
	/** What it says of a key of another role, of a root, of a key of another site, of one that nothing lists. */
	readonly wrong: string;
	readonly root: string;
	readonly foreign: string;
	readonly unlisted: string;
	readonly judge: (by: By, at: Reader, fields?: Partial<CredentialFields>) => string;
}

const BY_KID = {
	wrong: "wrong-role",
	root: "unknown-issuer",
	foreign: "unknown-issuer",
	unlisted: "unknown-issuer",
};
const BY_NONE = {
	wrong: "wrong-role",
	root: "bad-signature",
	foreign: "unknown-issuer",
	unlisted: "bad-signature",
};
const NONE = (word: string) => ({ wrong: word, root: word, foreign: word, unlisted: word });

const PLACES: Readonly<Record<string, Place>> = {
	"a phone's credential at the reader": {
		right: ["issue"],
		...BY_KID,
		judge: (by, at, fields) => tap(at, ofPhone(by, fields), ofReader(of("commission"))).door,
	},
	"a snapshot": {
		right: ["plan"],
		...BY_KID,
		judge: (by, at) => taken(install(start(at.plans()), signSnapshot(planOf(by, 1), signing(by)))),
	},
	"a delta": {
		right: ["plan"],
		...BY_KID,
		judge: (by, at) => {
			const store = start(at.plans());
			install(store, signSnapshot(plan(1), signing({ key: at.bench.keys.signing, site: "ACME" })));
			assert.equal(store.version, 1);
			const next = { ...planOf(by, 2), records: packRecords([]) };
			return taken(store.applyDelta(signDelta(planOf(by, 1), next, signing(by))));
		},
	},
	"a revocation notice": {
		right: ["plan"],
		...BY_KID,
		judge: (by, { trust }) =>
			opened(openRevocation(signRevocation(noticeOf(by), [ID], signing(by)), trust, DOOR, crypto)),
	},
	"a lockdown notice": {
		right: ["plan"],
		...BY_KID,
		judge: (by, { trust, now }) =>
			opened(
				openLockdown(
					signLockdown({ ...noticeOf(by), length: 60 }, signing(by)),
					...([trust, DOOR, now, crypto] as const),
				),
			),
	},
	"a configuration": {
		right: ["install"],
		...BY_KID,
		judge: ({ key, site }, { trust, now }) => {
			const { config } = checkConfig({ id: DOOR }) as { config: ReaderConfig };
			return opened(
				openConfiguration(
					signConfiguration(site, config, 1, signingKey(key, crypto)),
					...([trust, DOOR, now, crypto] as const),
				),
			);
		},
	},
	"a plan in flash at a start": {
		right: ["plan"],
		...NONE("untrusted"),
		judge: (by, at) => {
			// It was taken by a list that let its key sign plans.
			const before = encodeList({
				...{ site: "ACME", version: 1, epoch: 1, issued: NOW - DAY, threshold: 1 },
				...{
					roots: [pair(60).publicKey],
					keys: [{ publicKey: by.key.publicKey, roles: ["plan"] }],
					revoked: [],
				},
			});
			const on = at.plans(
				openList(
					signList(before, [rootOf(crypto, new Uint8Array(32).fill(60))]),
					undefined,
					crypto,
				) as TrustList,
			);
			assert.equal(install(start(on), signSnapshot(plan(1), signing(by))), "done");
			return taken(start(at.plans(at.trust, on)).problem);
		},
	},
	"a reader's credential when it is commissioned": {
		right: ["commission"],
		...BY_NONE,
		judge: (by, at, fields) => {
			const { bench } = at;
			bench.ask("begin");
			bench.sendLists();
			const credentials = bench.store.keys!.slice(0, 1).map((key) => ofReader(by, fields, key.publicKey));
			const member = { ...bench.member(), credentials };
			const answer = bench.ask("finish", { member, configuration: { id: DOOR } });
			return Bench.reason(answer) === "ok" ? "taken" : inCredential(answer.value.message);
		},
	},
	"a reader's credential in the place of another": {
		right: ["commission"],
		...BY_NONE,
		judge: (by, at, fields) => {
			const { bench } = at;
			assert.equal(Bench.reason(bench.commission()), "ok");
			assert.equal(Bench.reason(bench.prove()), "ok");
			const credentials = bench.store.keys!.slice(0, 1).map((key) => ofReader(by, fields, key.publicKey));
			const answer = bench.ask("certify", { credentials });
			return Bench.reason(answer) === "ok" ? "taken" : inCredential(answer.value.message);
		},
	},
	"a reader's credential at the phone": {
		right: ["commission"],
		...BY_NONE,
		judge: (by, at, fields) => tap(at, ofPhone(of("issue")), ofReader(by, fields), NOW).holder,
	},
	"a reader's credential at the command line": {
		right: ["commission"],
		...BY_NONE,
		judge: (by, at, fields) => {
			const introduction = new Introduction(crypto, CLIENT, new Uint8Array(32).fill(1));
			const none = { share: new Uint8Array(32), signature: new Uint8Array(64) };
			const reader = { ...none, key: READER.publicKey, credentials: [ofReader(by, fields)] };
			try {
				assert.equal(introduction.credential(reader, at.trust, NOW).subject, DOOR);
				return "taken";
			} catch (error) {
				const { message, reason } = error as ClientError;
				return reason === "other-site" ? inCredential(message) : reason.replace(/^reader-/, "");
			}
		},
	},
	"a proof by cable": {
		right: ["install", "root"],
		...NONE("not-allowed"),
		judge: ({ key }, { bench }) => {
			assert.equal(Bench.reason(bench.commission()), "ok");
			const answer = Bench.reason(bench.prove(key));
			return answer === "ok" ? "taken" : String(answer);
		},
	},
	"a server in a session": {
		right: ["sync"],
		...NONE("unknown-issuer"),
		wrong: "wrong-role",
		judge: ({ key, site }, { trust }) => {
			const reader = own(ofReader(of("commission")), READER);
			const ephemerals = new EphemeralPool(crypto, random);
			// A key with this role ends within 90 days of its list.
			const now = ISSUED + DAY;
			const attempt = new ReaderHandshake({
				...{ crypto, random, ephemerals, credential: reader, trust, door: DOOR, now },
			});
			const one = attempt.begin();
			const credential = serverCredential(site, key.publicKey, signer(crypto, EDDSA, key.secretKey));
			const server = new SiteHandshake(
				{ crypto, ephemerals, credential, trust, door: DOOR, registered: READER.publicKey, now },
				sessionIdIn(one)!,
			);
			try {
				attempt.take(server.take(attempt.take(server.take(one)!)!)!);
				return attempt.session === undefined ? "no session" : "taken";
			} catch (error) {
				return error instanceof CredentialError ? error.reason : String(error);
			}
		},
	},
	"a newer trust list": {
		right: ["root"],
		...NONE("not-by-roots"),
		foreign: "wrong-site",
		judge: ({ key, site }, at) => {
			const next = encodeList({ ...modelOf(at.trust), site, version: 2 });
			const root = { publicKey: key.publicKey, ...signer(crypto, EDDSA, key.secretKey) };
			const opened = openList(signList(next, [root]), at.trust, crypto);
			return typeof opened === "string" ? opened : "taken";
		},
	},
};

/** A place, and what it says of a key with the right role that is otherwise as `change` has it. */
type Limited = Readonly<Record<string, readonly [right: Role, says: string]>>;

describe("who is believed where", () => {
	for (const [place, { foreign, judge, right, root, unlisted, wrong }] of Object.entries(PLACES)) {
		for (const role of ALL)
			it(`${place}: ${role} is ${right.includes(role) ? "taken" : wrong}`, () => {
				assert.equal(judge(of(role), new Reader()), right.includes(role) ? "taken" : wrong);
			});

		it(`${place}: the root is ${right.includes("root") ? "taken" : root}`, () => {
			const at = new Reader();
			assert.equal(
				judge({ key: at.bench.keys.root, site: "ACME" }, at),
				right.includes("root") ? "taken" : root,
			);
		});

		it(`${place}: another site's key is ${foreign}, and one that nothing lists is ${unlisted}`, () => {
			assert.equal(judge({ key: pair(90), site: "OTHER" }, new Reader()), foreign);
			assert.equal(judge({ key: pair(90), site: "ACME" }, new Reader()), unlisted);
		});
	}

	const PHONE_AT_READER = "a phone's credential at the reader";
	const LIMITED = (says: {
		phone: string;
		plan: string;
		kept: string;
		finish: string;
		reader: string;
		cable: string;
	}): Limited => ({
		[PHONE_AT_READER]: ["issue", says.phone],
		"a snapshot": ["plan", says.plan],
		"a delta": ["plan", says.plan],
		"a plan in flash at a start": ["plan", says.kept],
		"a reader's credential when it is commissioned": ["commission", says.finish],
		"a reader's credential in the place of another": ["commission", says.finish],
		"a reader's credential at the phone": ["commission", says.reader],
		"a reader's credential at the command line": ["commission", says.reader],
		"a proof by cable": ["install", says.cable],
	});

	const STATES: readonly (readonly [what: string, change: Partial<KeyModel>, says: Limited])[] = [
		[
			"an ended key signs nothing more, and what it signed for plan and readers stays",
			{ state: "ended" satisfies KeyState },
			LIMITED({
				phone: "key-ended",
				plan: "key-ended",
				kept: "taken",
				finish: "key-ended",
				reader: "taken",
				cable: "not-allowed",
			}),
		],
		[
			"a stolen key voids what it signed",
			{ state: "stolen" satisfies KeyState },
			LIMITED({
				phone: "key-stolen",
				plan: "key-stolen",
				kept: "untrusted",
				finish: "key-stolen",
				reader: "key-stolen",
				cable: "not-allowed",
			}),
		],
		[
			"a key for other doors is nothing here, and the plan that it signed before stays",
			{ doors: ["BACK", "FRONT2"] },
			LIMITED({
				phone: "beyond-limits",
				plan: "beyond-limits",
				kept: "taken",
				finish: "beyond-limits",
				reader: "beyond-limits",
				cable: "not-allowed",
			}),
		],
		[
			"a key for this door among others is as good as one for all",
			{ doors: ["BACK", DOOR] },
			LIMITED({
				phone: "taken",
				plan: "taken",
				kept: "taken",
				finish: "taken",
				reader: "taken",
				cable: "taken",
			}),
		],
		[
			"a key before its end is good",
			{ until: NOW + 1 },
			LIMITED({
				phone: "taken",
				plan: "taken",
				kept: "taken",
				finish: "taken",
				reader: "taken",
				cable: "taken",
			}),
		],
		[
			"a key at its end signs nothing more, and what it signed for plan and readers stays",
			{ until: NOW },
			LIMITED({
				phone: "expired",
				plan: "key-ended",
				kept: "taken",
				finish: "key-ended",
				reader: "taken",
				cable: "not-allowed",
			}),
		],
	];

	for (const [what, change, says] of STATES)
		it(what, () => {
			for (const [place, [role, wanted]] of Object.entries(says))
				assert.equal(PLACES[place]!.judge(of(role), new Reader(listed(role, change))), wanted, place);
		});

	it("in a session a server's key counts while it is good, for this door, and before its end", () => {
		for (const [change, wanted] of [
			[{ state: "ended" }, "key-ended"],
			[{ state: "stolen" }, "key-stolen"],
			[{ doors: ["BACK", "FRONT2"] }, "beyond-limits"],
			[{ doors: ["BACK", DOOR] }, "taken"],
			[{ until: ISSUED + DAY }, "key-ended"],
			[{ until: ISSUED + DAY + 1 }, "taken"],
		] as const satisfies readonly (readonly [Partial<KeyModel>, string])[]) {
			const says = PLACES["a server in a session"]!.judge(of("sync"), new Reader(listed("sync", change)));
			assert.equal(says, wanted, JSON.stringify(change));
		}
	});

	it("what a key revoked before it ended stays revoked; a lockdown is by a key that is good now, as far as the time is known", () => {
		for (const [change, revocation, lockdown, hasTime] of [
			[{ state: "ended" }, "taken", "key-ended", true],
			[{ state: "stolen" }, "key-stolen", "key-stolen", true],
			[{ doors: ["BACK", "FRONT2"] }, "beyond-limits", "beyond-limits", true],
			[{ doors: ["BACK", DOOR] }, "taken", "taken", true],
			[{ until: NOW }, "taken", "key-ended", true],
			[{ until: NOW + 1 }, "taken", "taken", true],
			[{ until: NOW }, "taken", "taken", false],
		] as const satisfies readonly (readonly [Partial<KeyModel>, string, string, boolean])[])
			for (const [place, wanted] of [
				["a revocation notice", revocation],
				["a lockdown notice", lockdown],
			] as const) {
				const at = new Reader(listed("plan", change), { hasTime });
				assert.equal(PLACES[place]!.judge(of("plan"), at), wanted, `${place}, ${JSON.stringify(change)}`);
			}
	});

	it("with the clock unset no key with an end opens the door or makes a plan, for it may have ended", () => {
		const says = LIMITED({
			phone: "clock-unset",
			plan: "clock-unset",
			kept: "taken",
			finish: "taken",
			reader: "taken",
			cable: "taken",
		});
		for (const [place, [role, wanted]] of Object.entries(says)) {
			const at = new Reader(listed(role, { until: NOW + DAY }), { hasTime: false });
			// A credential without dates of its own has those of its key.
			const fields = place === PHONE_AT_READER ? {} : undefined;
			assert.equal(PLACES[place]!.judge(of(role), at, fields), wanted, place);
			const endless = new Reader(listed(), { hasTime: false });
			const good = role === "install" ? endless.bench.keys.root : KEYS.get(role)!;
			assert.equal(
				PLACES[place]!.judge({ key: good, site: "ACME" }, endless, fields),
				"taken",
				`${place}, no end`,
			);
		}
	});

	it("by cable a key whose end cannot be judged may set the clock, to before that end, and nothing else", () => {
		const at = new Reader(listed("install", { until: NOW + DAY }), { hasTime: false });
		const { bench } = at;
		assert.equal(PLACES["a proof by cable"]!.judge(of("install"), at), "taken");
		for (const name of ["configuration", "apply", "log", "reset", "door"])
			assert.equal(Bench.reason(bench.ask(name)), "clock-unset", name);
		assert.equal(Bench.reason(bench.ask("time", { seconds: NOW + DAY })), "not-allowed");
		assert.equal(Bench.reason(bench.ask("time", { seconds: NOW })), "ok");
		assert.equal(Bench.reason(bench.ask("configuration")), "ok");
	});

	it("with the clock unset what the roots have signed counts: a key that had ended by then sets no time, and commissions nothing", () => {
		const issued = NOW + 1;
		const until = NOW;
		const at = new Reader(listed("install", { until }), { hasTime: false });
		const { bench } = at;
		assert.equal(PLACES["a proof by cable"]!.judge(of("install"), at), "taken");
		bench.sendLists(withNextList(bench.keys, { issued }).lists.slice(1));
		for (const seconds of [NOW - 1, NOW, NOW + 1])
			assert.equal(Bench.reason(bench.ask("time", { seconds })), "not-allowed", String(seconds - NOW));
		assert.equal(Bench.reason(bench.ask("configuration")), "clock-unset");
		for (const [end, wanted] of [
			[ISSUED, "key-ended"],
			[ISSUED + 1, "taken"],
		] as const) {
			const reader = new Reader(listed("commission", { until: end }), { hasTime: false });
			const { judge } = PLACES["a reader's credential when it is commissioned"]!;
			assert.equal(judge(of("commission"), reader), wanted);
		}
	});

	it("a key with a limit of days signs for no longer, and not for ever", () => {
		const { judge } = PLACES[PHONE_AT_READER]!;
		const with30 = () => new Reader(listed("issue", { days: 30 }));
		const from = NOW - DAY;
		for (const [fields, wanted] of [
			[{ notBefore: from, expires: from + 30 * DAY }, "taken"],
			[{ issuedAt: from, expires: from + 30 * DAY }, "taken"],
			[{ issuedAt: NOW + 1, expires: NOW + 1 + 30 * DAY }, "not-yet-valid"],
			[{ issuedAt: 2 ** 32 - 1 - 30 * DAY, expires: 2 ** 32 - 1 }, "not-yet-valid"],
			[{ notBefore: from, expires: from + 30 * DAY + 1 }, "beyond-limits"],
			[{ notBefore: from, issuedAt: NOW, expires: from + 30 * DAY + 1 }, "beyond-limits"],
			[{ expires: NOW + DAY }, "beyond-limits"],
			[{ notBefore: from }, "beyond-limits"],
			[{}, "beyond-limits"],
		] as const)
			assert.equal(judge(of("issue"), with30(), fields), wanted, JSON.stringify(fields));
		assert.equal(judge(of("issue"), new Reader(), {}), "taken", "without a limit");
		assert.equal(
			judge(of("issue"), new Reader(), { issuedAt: NOW + DAY }),
			"taken",
			"without a limit, by a clock ahead",
		);
	});

	it("a phone's credential names its key, and is none of a reader; a reader's is none of a phone", () => {
		const at = new Reader();
		const phone = ofPhone(of("issue"));
		const reader = ofReader(of("commission"));
		assert.deepEqual(tap(at, phone, reader), { door: "taken", holder: "taken" });
		assert.equal(tap(at, cwtOf(of("issue"), {}, false, PHONE.publicKey), reader).door, "malformed");
		assert.equal(
			tap(at, cwtOf(of("issue"), { subject: DOOR }, true, PHONE.publicKey), reader).door,
			"wrong-role",
		);
		assert.equal(
			tap(at, cwtOf(of("commission"), { subject: DOOR }, true, PHONE.publicKey), reader).door,
			"wrong-role",
		);
		assert.equal(tap(at, phone, cwtOf(of("commission"), {}, false, READER.publicKey)).holder, "wrong-role");
		// An installer's key with the site's roles of before: no subject begins with "+" any more.
		assert.equal(tap(at, phone, cwtOf(of("issue"), {}, true, READER.publicKey)).holder, "wrong-role");
	});

	it("a reader's credential counts in its dates, and until the list revokes it", () => {
		const at = new Reader();
		const places = Object.entries(PLACES).filter(([place]) => place.startsWith("a reader's credential"));
		assert.lengthOf(places, 4);
		for (const [place, { judge }] of places) {
			const says = (fields: Partial<CredentialFields>) => judge(of("commission"), new Reader(), fields);
			assert.equal(says({ expires: NOW + 1, notBefore: NOW }), "taken", place);
			assert.equal(says({ expires: NOW }), "expired", place);
			assert.equal(says({ notBefore: NOW + 1 }), "not-yet-valid", place);
		}
		// A phone that does not know the time cannot judge them.
		const late = ofReader(of("commission"), { expires: NOW });
		assert.equal(tap(at, ofPhone(of("issue")), late).holder, "taken");
		assert.equal(tap(at, ofPhone(of("issue")), late, NOW).holder, "expired");
	});
});
