// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../protocol/bytes.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { verifyReader } from "../../protocol/credential/credential.js";
import { issueCredential } from "../../protocol/credential/issue.js";
import { BenchReader } from "../../sim/provisioning/bench.js";
import { SeededRandom } from "../../sim/random.js";
import { EXIT } from "../../site/lib/files/failure.js";
import type { TrustedSite } from "../support/trusted-site.js";
import { type Installation, plugIn } from "./terminal.js";

describe("lintel certify", () => {
	let files: Installation;
	let site: TrustedSite;
	const NEW = "d0".repeat(32);

	plugIn(1, ([made]) => {
		files = made!;
		site = files.site;
	});

	const key = (): string[] => ["--site-key", files.file("key.json")];

	async function done(...args: string[]): Promise<Record<string, unknown>> {
		const { code, err, out } = await files.lintel(...args, ...key(), "--json");
		assert.equal(code, 0, out + err);
		return JSON.parse(out);
	}

	/** The reason, and message and advice. */
	async function refused(...args: string[]): Promise<{ reason: string; words: string }> {
		const { code, out } = await files.lintel(...args, "--json");
		assert.notEqual(code, 0, out);
		const { advice, message, reason } = JSON.parse(out).error;
		return { reason, words: `${message}\n${advice}` };
	}

	const commission = () => done("commission", files.file("door.json"));
	const stored = (): string[] => files.reader.store.membership!.credentials.map(toHex);

	/** The site has a new key that signs readers, and its list has `change` besides. */
	function nextKey(change: Parameters<TrustedSite["next"]>[0] = () => ({})): void {
		const pair = site.pair(NEW);
		site.next((now) => {
			const { keys = now.keys, ...rest } = change(now);
			return { ...rest, keys: [...keys, { publicKey: pair.publicKey, roles: ["commission"] }] };
		});
		files.write("key.json", site.keyFile(site.office, site.install, pair));
	}

	/** By which the key that commissioned the reader was stolen. */
	const stolen = (): void => {
		site.revoke(site.office, "stolen");
		nextKey();
	};

	it("signs anew for a reader that a stolen key has commissioned: key, door and settings stay, its id is another", async () => {
		const before = await commission();
		const { config, keys } = files.reader.store;
		stolen();
		const { reason, words } = await refused("show", ...key());
		assert.equal(reason, "reader-key-stolen");
		assert.match(words, /Where it is the right one: `lintel certify`/);
		const told = await done("certify", "--yes");
		assert.deepInclude(told, {
			certified: true,
			changed: true,
			site: "ACME",
			door: "FRONT",
			key: before.key,
		});
		assert.notEqual(told.readerId, before.readerId);
		const by = verifyReader(files.reader.store.membership!.credentials[0]!, site.trust, site.crypto);
		assert.equal(toHex(by.id), told.readerId);
		assert.deepEqual(by.by.publicKey, site.pair(NEW).publicKey);
		assert.lengthOf(stored(), 2, "of each of its keys");
		assert.deepEqual([files.reader.store.config, files.reader.store.keys], [config, keys]);
		const { info } = await done("show");
		assert.deepInclude(info, { key: before.key, readerId: told.readerId });
		const credentials = stored();
		assert.deepEqual(await done("certify"), { ...told, changed: false });
		assert.deepEqual(stored(), credentials, "a good one is left alone");
	});

	it("asks before it signs, and shows the key that a person compares", async () => {
		const { key: own } = await commission();
		stolen();
		const before = stored();
		const { reason, words } = await refused("certify", ...key());
		assert.equal(reason, "not-confirmed");
		assert.match(
			words,
			new RegExp(`door FRONT's[\\s\\S]*reader-key-stolen[\\s\\S]*${own}[\\s\\S]*lintel report`),
		);
		const args = ["certify", "--port", files.reader.path, ...key()];
		const question = /Is that the key of this door's reader\? \[y\/N\] $/;
		assert.equal((await files.answer(args, [question, "n\r"])).code, EXIT.usage);
		assert.deepEqual(stored(), before);
		const { code, out } = await files.answer(args, [question, "y\r"]);
		assert.equal(code, 0, out);
		assert.include(out, own as string);
		assert.notDeepEqual(stored(), before);
	});

	for (const [what, reason, change] of [
		[
			"the site has revoked",
			"reader-revoked",
			({ id }) =>
				() => ({ revoked: [id] }),
		],
		[
			"was commissioned by a key that lost the role",
			"reader-wrong-role",
			() =>
				({ keys: [office, ...keys] }) => ({ keys: [{ ...office!, roles: ["issue"] as const }, ...keys] }),
		],
		[
			"was commissioned by a key that is for other doors",
			"reader-beyond-limits",
			() =>
				({ keys: [office, ...keys] }) => ({ keys: [{ ...office!, doors: ["BACK"] }, ...keys] }),
		],
		[
			"was commissioned by a key that left the list",
			"other-site",
			() =>
				({ keys: [, ...keys] }) => ({ keys }),
		],
	] as readonly (readonly [
		what: string,
		reason: string,
		change: (reader: { id: Uint8Array }) => Parameters<TrustedSite["next"]>[0],
	])[])
		it(`goes on where the reader ${what}: ${reason}`, async () => {
			await commission();
			const { id } = verifyReader(files.reader.store.membership!.credentials[0]!, site.trust, site.crypto);
			nextKey(change({ id }));
			assert.equal((await refused("show", ...key())).reason, reason);
			await done("certify", "--yes");
			await done("show");
		});

	it("goes on where the reader's credentials have ended: reader-expired", async () => {
		await commission();
		const by = signer(site.crypto, EDDSA, site.office.secretKey);
		const { store } = files.reader;
		const fields = { issuer: "ACME", subject: "FRONT", id: new Uint8Array(8), expires: 1_600_000_000 };
		store.setCredentials(store.keys!.map((own) => issueCredential({ ...fields, key: own }, by)));
		assert.equal((await refused("show", ...key())).reason, "reader-expired");
		await done("certify", "--yes");
		await done("show");
	});

	it("sets a clock that is unset, as no other command can: the installer's key has an end", async () => {
		await commission();
		stolen();
		files.reader.unplug();
		const contents = files.reader.self.snapshot();
		files.reader = new BenchReader({ crypto: site.crypto, random: new SeededRandom(8), contents });
		await files.reader.plug();
		const time = async (): Promise<unknown> =>
			JSON.parse((await files.lintel("time", "show", "--json")).out).time;
		assert.isNull(await time());
		assert.equal((await refused("time", "set", ...key())).reason, "reader-key-stolen");
		await done("certify", "--yes");
		assert.isString(await time());
		await done("show");
	});

	it("is refused without a key that signs readers, for another door's reader, and by who is no installer; nothing is changed", async () => {
		await commission();
		stolen();
		const before = stored();
		files.write("ann.json", site.keyFile(site.install));
		const ann = ["--site-key", files.file("ann.json")];
		const unable = await refused("certify", "--yes", ...ann);
		assert.equal(unable.reason, "wrong-role");
		assert.match(unable.words, /no key with the role "commission"/);
		files.write("signer.json", site.keyFile(site.pair(NEW)));
		const strange = await refused("certify", "--yes", "--site-key", files.file("signer.json"));
		assert.match(strange.words, /no key with the role "install"/);
		assert.equal((await refused("certify", "--yes", "--door", "BACK", ...key())).reason, "wrong-door");
		assert.equal((await refused("certify", "--yes")).reason, "not-authorised");
		const other = ["--site-key", files.file("other.json")];
		assert.equal((await refused("certify", "--yes", ...other)).reason, "other-site");
		assert.deepEqual(stored(), before);
	});

	it("sends a reader without a site to commissioning", async () => {
		const { reason, words } = await refused("certify", "--yes", ...key());
		assert.equal(reason, "not-commissioned");
		assert.match(words, /lintel commission/);
	});
});
