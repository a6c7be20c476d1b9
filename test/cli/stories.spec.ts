// SPDX-License-Identifier: Apache-2.0

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { PASSPHRASE } from "../support/site-files.js";
import { bringing, Person, Phone, Story } from "./story.js";
import { Installation } from "./terminal.js";

const DATE = "2096-01-01";
const HIGHEST = 4_294_967_295;
const NEW = "battery staple, new";

/** What `lintel show --json` says. */
interface Shown {
	readonly trusted: {
		readonly version: number;
		readonly roots: readonly { readonly fingerprint: string }[];
	};
	readonly info: { readonly key: string };
	readonly state: object;
}

describe("stories of a site's keys", () => {
	let story: Story;

	before(function () {
		needs(this, { socat: "socat" });
	});

	beforeEach(() => {
		story = new Story();
	});

	afterEach(() => story.end());

	it("an installer's laptop is stolen: one command ends its key, and a door knows it when the next one works there; nothing else changes", async () => {
		const admin = story.administrator("admin");
		const [front, back] = [await story.door("FRONT"), await story.door("BACK")];
		const ada = new Phone();
		for (const name of ["ann.json", "bob.json"])
			await admin.does(`lintel site key --role install --until DATE --out ${name}`, { words: { DATE } });
		await admin.invites(ada);
		const [ann, bob] = [story.person("ann"), story.person("bob")];
		ann.gets(admin, "ann.json");
		bob.gets(admin, "bob.json");
		for (const door of [front, back]) {
			await admin.does(`lintel commission ${door.settings} --site-key site-key.json`, { at: door });
			const plan = await admin.plans(door, 1, [ada]);
			ann.gets(admin, plan);
			await ann.does("lintel install-plan front.plan --site-key ann.json", bringing(plan, door));
			assert.equal(ada.taps(door), "granted");
		}

		await admin.voids(await admin.fingerprint("ann.json"));
		// Until a door has the new list it cannot know.
		await ann.does("lintel test relay --site-key ann.json", { at: front });

		bob.gets(admin, "site.json");
		const { err } = await bob.does("lintel show --site-key bob.json", { at: front });
		assert.match(err, /the reader has taken trust list 4/);
		const { reason, words } = await ann.cannot("lintel test relay --site-key ann.json", { at: front });
		assert.equal(reason, "key-stolen");
		assert.match(words, /this key was revoked as stolen; nothing was proved/);
		await ann.does("lintel test relay --site-key ann.json", { at: back });
		await bob.does("lintel show --site-key bob.json", { at: back });
		assert.equal(
			(await ann.cannot("lintel reset --yes --site-key ann.json", { at: back })).reason,
			"key-stolen",
		);

		for (const door of [front, back]) assert.equal(ada.taps(door), "granted");
		ada.fetches(admin);
		for (const door of [front, back]) assert.equal(ada.taps(door), "granted");
		await bob.does("lintel test relay --site-key bob.json", { at: back });
	});

	it("a planner's laptop is stolen: its plan of the highest version counts no more from the moment in which the replacement is in force, and people come in all along", async () => {
		const admin = story.administrator("admin");
		const door = await story.door("FRONT");
		const [ada, eve] = [new Phone(), new Phone("2b7d9ce0114f6685")];
		await admin.does("lintel site key --role plan --out pat.json");
		const pat = story.person("pat");
		pat.gets(admin, "pat.json", "site.json");
		await admin.does("lintel commission FRONT.json --site-key site-key.json", { at: door });
		for (const phone of [ada, eve]) await admin.invites(phone);
		const before = await pat.plans(door, 1, [ada], "pat.json");
		admin.gets(pat, before);
		await admin.does("lintel install-plan front.plan --site-key site-key.json", bringing(before, door));
		assert.equal(ada.taps(door), "granted");
		const thiefs = await pat.plans(door, HIGHEST, [ada, eve], "pat.json");

		await admin.voids(await admin.fingerprint("pat.json"));
		const show = "lintel show --site-key site-key.json";
		assert.match(
			(await admin.does(show, { at: door })).err,
			/holds trust list 3 back[\s\S]*lintel install-plan/,
		);
		assert.equal(ada.taps(door), "granted");
		admin.gets(pat, thiefs);
		const { words } = await admin.cannot(
			"lintel install-plan front.plan --site-key site-key.json",
			bringing(thiefs, door),
		);
		assert.match(words, /signed by a key that the site has revoked as stolen/);
		assert.equal(ada.taps(door), "granted");

		const after = await admin.plans(door, 1, [ada]);
		const { out } = await admin.does(
			"lintel install-plan front.plan --site-key site-key.json",
			bringing(after, door),
		);
		assert.match(out, /plan 1 of epoch 2 is in force: 1 credentials/);
		assert.equal((await admin.told<Shown>(show, { at: door })).trusted.version, 3);
		assert.equal(ada.taps(door), "granted");
		assert.equal(eve.taps(door), "unknown-credential");
	});

	it("the laptop with all keys but the root is stolen: everything is signed anew, readers too, which stay on their walls and keep their logs, and nothing that the thief signs opens any more", async () => {
		const admin = story.administrator("admin");
		const [front, back] = [await story.door("FRONT"), await story.door("BACK")];
		const [ada, eve] = [new Phone(), new Phone("2b7d9ce0114f6685")];
		/** The reader's key of each door, as the report says that was kept. */
		const reports = new Map<object, string>();
		await admin.invites(ada);
		for (const door of [front, back]) {
			const commission = `lintel commission ${door.settings} --site-key site-key.json`;
			reports.set(door, (await admin.told<{ key: string }>(commission, { at: door })).key);
			const plan = await admin.plans(door, 1, [ada]);
			await admin.does("lintel install-plan front.plan --site-key site-key.json", bringing(plan, door));
			assert.equal(ada.taps(door), "granted");
		}
		const thief = story.person("thief");
		thief.gets(admin, "site-key.json", "site.json");
		await thief.invites(eve);
		const highest = await thief.plans(front, HIGHEST, [ada, eve]);
		const install = "lintel install-plan front.plan --site-key site-key.json";
		// Until a door has a newer list the thief is the site there.
		await thief.does(install, bringing(highest, front));
		assert.equal(eve.taps(front), "granted");

		const stolen = [0, 1].map((n) => admin.fingerprint("site-key.json", n));
		await admin.voids(...(await Promise.all(stolen)));
		// It was on that laptop.
		rmSync(admin.file("site-key.json"));
		await admin.does("lintel site key --role issue plan commission --out site-key.json");
		const worker = "lintel site key --role install --until DATE --add site-key.json";
		await admin.does(worker, { words: { DATE } });
		await admin.invites(ada);

		// Phones that have the list believe no reader that the stolen key has commissioned, and neither does lintel.
		for (const door of [front, back]) {
			assert.equal(ada.taps(door), "no decision: key-stolen");
			const { reason, words } = await admin.cannot("lintel show --site-key site-key.json", { at: door });
			assert.equal(reason, "reader-key-stolen");
			assert.match(words, /look who has put it there[\s\S]*`lintel certify`/);
		}
		const certify = "lintel certify --site-key site-key.json";
		for (const door of [front, back]) {
			const { reason, words } = await admin.cannot(certify, { at: door });
			assert.equal(reason, "not-confirmed");
			assert.include(words, reports.get(door)!);
			const { key } = await admin.told<{ key: string }>(`${certify} --yes`, { at: door });
			assert.equal(key, reports.get(door));
			// Version 1 is enough: it is of a new epoch.
			const plan = await admin.plans(door, 1, [ada]);
			const { out } = await admin.does(install, bringing(plan, door));
			assert.match(out, /plan 1 of epoch 2 is in force/);
			assert.equal(ada.taps(door), "granted");
		}

		assert.equal((await thief.cannot(install, bringing(highest, front))).reason, "key-stolen");
		admin.gets(thief, highest);
		const refused = await admin.cannot(install, bringing(highest, front));
		assert.match(refused.words, /signed by a key that the site has revoked as stolen/);
		eve.fetches(admin);
		assert.equal(eve.taps(front), "no decision: peer-error");
		const { out } = await admin.does("lintel log export --site-key site-key.json", { at: front });
		assert.match(out, /^{"serial":1,/);
		assert.match(out, /granted[\s\S]*certified[\s\S]*denied key-stolen by nfc/);
	});

	it("a root's passphrase is forgotten: the backup and its code on paper make the root anew, and a door takes what it signs", async () => {
		const admin = story.administrator("admin");
		const door = await story.door("FRONT");
		writeFileSync(admin.file("passphrase"), PASSPHRASE);
		const backup = "lintel site backup --code-file code --passphrase-file passphrase";
		await admin.does(backup);
		await admin.does("lintel commission FRONT.json --site-key site-key.json", { at: door });

		const installer = "lintel site key --role install --until DATE --out ann.json";
		const words = { DATE };
		assert.equal((await admin.cannot(installer, { words, input: NEW })).reason, "wrong-passphrase");
		writeFileSync(admin.file("new-passphrase"), NEW);
		const recover = "lintel site recover root-backup.json --code-file code --out root-key.json";
		const given = { input: NEW };
		assert.equal((await admin.cannot(recover, given)).reason, "exists");
		renameSync(admin.file("root-key.json"), admin.file("old-root-key.json"));
		await admin.does(recover, given);
		await admin.does(installer, { words, input: NEW });
		const ann = story.person("ann");
		ann.gets(admin, "ann.json");
		const { err } = await ann.does("lintel test relay --site-key ann.json", { at: door });
		assert.match(err, /the reader has taken trust list 2/);
	});

	it("a root is rotated while one of three readers is away: it follows step by step when it is back, and so does a phone with an old enrolment", async () => {
		const admin = story.administrator("admin");
		const doors = [await story.door("FRONT"), await story.door("BACK"), await story.door("SIDE")];
		const away = doors[2]!;
		const ada = new Phone();
		await admin.invites(ada);
		for (const door of doors) {
			await admin.does(`lintel commission ${door.settings} --site-key site-key.json`, { at: door });
			const plan = await admin.plans(door, 1, [ada]);
			await admin.does("lintel install-plan front.plan --site-key site-key.json", bringing(plan, door));
		}
		const left = story.person("left");
		left.gets(admin, "site.json", "root-key.json", "site-key.json");

		away.switchOff();
		writeFileSync(admin.file("passphrase"), PASSPHRASE);
		const rotate = "lintel site rotate --out new-root-key.json --passphrase-file passphrase";
		const { before } = await admin.told<{ before: string }>(rotate, { input: NEW });
		for (const name of ["ann.json", "bob.json"])
			await admin.does(
				`lintel site key --role install --until DATE --out ${name} --root-key new-root-key.json`,
				{
					words: { DATE },
					input: NEW,
				},
			);
		const show = "lintel show --site-key site-key.json";
		for (const door of doors.slice(0, 2))
			assert.match((await admin.does(show, { at: door })).err, /has taken trust lists 2 to 4/);

		away.switchOn();
		const { err } = await admin.does(show, { at: away });
		assert.match(err, /has taken trust lists 2 to 4/);
		for (const door of doors) {
			const { trusted } = await admin.told<Shown>(show, { at: door });
			assert.equal(trusted.version, 4);
			assert.notInclude(JSON.stringify(trusted.roots), before);
			assert.equal(ada.taps(door), "granted");
		}
		assert.equal(ada.list, 1);
		ada.fetches(admin);
		assert.equal(ada.list, 4);
		assert.equal(ada.taps(away), "granted");

		// Who has the old root can go on from list 1 for ever: no door follows.
		for (const n of [2, 3, 4, 5])
			await left.does(`lintel site key --role install --until DATE --out thief-${n}.json`, {
				words: { DATE },
			});
		const { reason, words } = await left.cannot("lintel show --site-key thief-5.json", { at: away });
		assert.equal(reason, "fork");
		assert.match(words, /trust list 4 of site ACME is another than the one here; nothing was proved/);
	});

	it("a second administrator makes a root on a computer of his own, makes keys by it alone, and takes the first one's root out", async () => {
		const first = story.administrator("first");
		const second = story.person("second");
		const door = await story.door("FRONT");
		await first.does("lintel commission FRONT.json --site-key site-key.json", { at: door });

		const by = { input: NEW };
		const made = await second.told<{ publicKey: string; fingerprint: string }>(
			"lintel site root ACME --out root-key.json",
			by,
		);
		const words = { PUBLIC_KEY: made.publicKey };
		const { fingerprint } = await first.told("lintel site second PUBLIC_KEY --yes", { words });
		assert.equal(fingerprint, made.fingerprint, "what both read to each other");
		second.gets(first, "site.json");

		await second.does("lintel site key --role install --until DATE --out ann.json", {
			...by,
			words: { DATE },
		});
		const ann = story.person("ann");
		ann.gets(second, "ann.json");
		const { err } = await ann.does("lintel show --site-key ann.json", { at: door });
		assert.match(err, /has taken trust lists 2 to 3/);

		const { roots } = await second.told<{ roots: { fingerprint: string }[] }>("lintel site show");
		const FINGERPRINT = roots.find((root) => root.fingerprint !== fingerprint)!.fingerprint;
		await second.does("lintel site revoke FINGERPRINT --yes", { ...by, words: { FINGERPRINT } });
		ann.gets(second, "site.json");
		await ann.does("lintel show --site-key ann.json", { at: door });
		const { trusted } = await ann.told<Shown>("lintel show --site-key ann.json", { at: door });
		assert.deepEqual(
			trusted.roots.map((root) => root.fingerprint),
			[fingerprint],
		);
		first.gets(second, "site.json");
		const key = "lintel site key --role install --until DATE --out late.json";
		assert.equal((await first.cannot(key, { words: { DATE } })).reason, "root-not-listed");
	});

	it("a site of one key is upgraded: phones' credentials go on, and a reader of the old kind is told apart and left alone", async () => {
		const admin = story.person("admin");
		const door = await story.door("FRONT");
		const ada = new Phone();
		const seed = "07".repeat(32);
		admin.write("old.json", { site: "ACME", algorithm: "Ed25519", seed });
		assert.equal(
			(await admin.cannot("lintel commission FRONT.json --site-key old.json", { at: door })).reason,
			"old-key-file",
		);
		const credential = ada.credentialOf(seed);

		await admin.does("lintel site upgrade old.json --out .");
		await admin.does("lintel commission FRONT.json --site-key site-key.json", { at: door });
		const plan = await admin.plans(door, 1, [ada]);
		await admin.does("lintel install-plan front.plan --site-key site-key.json", bringing(plan, door));
		writeFileSync(admin.file("ada.cwt"), credential);
		ada.accepts(await admin.told("lintel credential invite ada.cwt --site site.json"));
		assert.equal(ada.taps(door), "granted");

		const old = new Installation({ versions: [2, 2] });
		try {
			await old.reader.plug();
			const seen = old.requests();
			const { reason, words } = await admin.cannot(`lintel show --site-key site-key.json --port PORT`, {
				words: { PORT: old.reader.path },
			});
			assert.equal(reason, "older-reader");
			assert.match(words, /knows no trust lists; nothing was proved[\s\S]*update its firmware/);
			assert.deepEqual([...new Set(seen)], ["info"]);
		} finally {
			old.end();
		}
	});

	for (const site of ["ACME", "NEWCO"])
		it(`a house is sold, and the new owner's site is named ${site}: of the earlier owner a reader keeps nothing, and takes nothing`, async () => {
			const seller = story.administrator("seller");
			const buyer = story.administrator("buyer", site);
			const door = await story.door("FRONT");
			const { world } = door.reader;
			const [ada, eve] = [new Phone(), new Phone("2b7d9ce0114f6685")];
			const commission = "lintel commission FRONT.json --site-key site-key.json";
			const { key: first } = await seller.told<{ key: string }>(commission, { at: door });
			await seller.invites(eve);
			const old = await seller.plans(door, HIGHEST, [eve]);
			await seller.does("lintel install-plan front.plan --site-key site-key.json", bringing(old, door));
			const join = "lintel wifi join Building --site-key site-key.json";
			await seller.does(join, { at: door, input: "correct horse" });
			assert.equal(eve.taps(door), "granted");
			assert.equal((await buyer.cannot(commission, { at: door })).reason, "other-site");

			door.resetByButton();
			// What the seller does to it before the buyer comes.
			await seller.does("lintel wifi join Building", { at: door, input: "correct horse" });
			const { key: between } = (await seller.told<Shown>("lintel show", { at: door })).info;
			assert.isTrue(world.wifi.joined);

			const kept = await buyer.cannot(commission, { at: door });
			assert.equal(kept.reason, "old-log");
			assert.match(kept.words, /log of site ACME is still in this reader[\s\S]*--erase-log/);
			assert.include(
				(await seller.does("lintel log export --site-key site-key.json", { at: door })).out,
				"plan",
			);
			const said = await buyer.does(`${commission} --erase-log`, { at: door });
			assert.match(said.err, /Wi-Fi/);

			const show = "lintel show --site-key site-key.json";
			const { info, state } = await buyer.told<Shown>(show, { at: door });
			assert.notInclude([first, between], info.key);
			assert.deepInclude(state, { plan: 0, credentials: 0, wifi: false });
			assert.isUndefined(world.device!.store!.wifi);
			const log = await buyer.does("lintel log export --site-key site-key.json", { at: door });
			assert.match(log.out, /^{"serial":1,/);
			assert.notInclude(log.out, eve.id);

			await buyer.invites(ada);
			const plan = await buyer.plans(door, 1, [ada]);
			await buyer.does("lintel install-plan front.plan --site-key site-key.json", bringing(plan, door));
			assert.equal(ada.taps(door), "granted");
			assert.match(eve.taps(door), /no decision/);
			const verify = "lintel verify FRONT.json --site-key site-key.json";
			const { differences, trust } = await buyer.told<{ differences: object[]; trust: object[] }>(verify, {
				at: door,
			});
			assert.deepEqual([differences, trust], [[], []]);

			const foreign = await seller.cannot(verify, { at: door });
			assert.equal(foreign.reason, "other-site");
			assert.match(foreign.words, /this is a reader of (another site with the name ACME|site NEWCO)/);
			buyer.gets(seller, old);
			const refused = await buyer.cannot(
				"lintel install-plan front.plan --site-key site-key.json",
				bringing(old, door),
			);
			assert.match(refused.words, /signed by another key than the site's/);
		});

	it("docs/keys.md gives the commands of these stories, and no other", () => {
		const page = readFileSync(join(root, "docs/keys.md"), "utf8");
		const lines = [...page.matchAll(/^ *(lintel .*?)(?: +#.*)?$/gm)].map(([, line]) => line!);
		assert.isAbove(lines.length, 15);
		const given = [...Person.lines].map((line) => line.replace(/ --(yes|passphrase-file passphrase)\b/g, ""));
		for (const line of lines) assert.include(given, line);
	});
});
