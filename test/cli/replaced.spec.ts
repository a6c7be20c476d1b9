// SPDX-License-Identifier: Apache-2.0

/** A reader is replaced, and one that was comes back: the site's server as it runs, and what its administrator reads. */
import { writeFileSync } from "node:fs";
import { assert } from "chai";
import { toHex, writeUint32 } from "../../protocol/bytes.js";
import { RECORD_SIZE } from "../../protocol/log/record.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { NO_LOG } from "../../site/lib/log/intake.js";
import { TestSite } from "../site/server/test-site.js";
import type { Ended } from "./lintel.js";
import { type Installation, plugIn } from "./terminal.js";

/** So many of a log, whose links nothing here looks at. */
function records(count: number): Uint8Array {
	const bytes = new Uint8Array(RECORD_SIZE * count);
	for (let i = 0; i < count; i++) writeUint32(bytes, RECORD_SIZE * i, i + 1);
	return bytes;
}

describe("a door's reader is replaced", () => {
	let first: Installation;
	let second: Installation;
	let server: TestSite;

	plugIn(2, ([one, two]) => {
		first = one!;
		second = two!;
	});

	beforeEach(async () => {
		server = new TestSite();
		await server.start();
	});

	afterEach(() => server.end());

	/** At this reader, with the server's token, which is the owner's where no other is given. */
	function at(site: Installation, args: readonly string[], token = server.owner): Promise<Ended> {
		writeFileSync(site.file("token"), token);
		const rest = ["--site-key", site.file("key.json"), "--site", server.server.url];
		return site.lintel(...args, ...rest, "--token-file", site.file("token"), "--json");
	}

	const commission = (site: Installation, ...more: string[]): Promise<Ended> =>
		at(site, ["commission", site.file("door.json"), ...more]);
	const keyOf = (site: Installation): string => toHex(site.reader.store.keys![0]!.publicKey);

	async function done(ended: Promise<Ended>): Promise<Record<string, unknown>> {
		const { code, err, out } = await ended;
		assert.equal(code, 0, out + err);
		return JSON.parse(out);
	}

	async function refused(ended: Promise<Ended>, exit: number): Promise<string> {
		const { code, out } = await ended;
		assert.equal(code, exit, out);
		const { error } = JSON.parse(out.trim().split("\n").at(-1)!);
		return `${error.reason}: ${error.message} ${error.advice}`;
	}

	it("the new one takes its place by a word of its administrator alone; the former one's log stays, and it comes back no other way", async () => {
		assert.deepInclude(await done(commission(first)), { registered: "new", door: "FRONT" });
		const settings = first.reader.store.server!;
		assert.equal(settings.password.length, 43);
		const { store } = server.server.site;
		const [reader] = await store.doors.readers("FRONT");
		assert.equal(toHex(reader!.publicKey), keyOf(first));
		await store.log.append(reader!.id, records(3), { ...NO_LOG, serial: 3 }, server.now);

		const told = await refused(commission(second), EXIT.usage);
		assert.match(
			told,
			/^other-reader: door FRONT has another reader at the server: key [0-9a-f]{16}\.\.\., id [0-9a-f]{16}, since 20/,
		);
		assert.match(told, /nothing was changed.*--replace/);
		assert.isUndefined(second.reader.store.membership);
		assert.equal(toHex((await store.doors.find("FRONT"))!.reader!.publicKey), keyOf(first));

		assert.deepInclude(await done(commission(second, "--replace")), { registered: "replaced" });
		const readers = await store.doors.readers("FRONT");
		const now = readers.find(({ replaced }) => replaced === undefined);
		const former = readers.find(({ replaced }) => replaced !== undefined);
		assert.deepEqual(
			[now, former].map((one) => toHex(one!.publicKey)),
			[keyOf(second), keyOf(first)],
		);
		assert.equal(former!.cursor.serial, 3, "its log stays");
		assert.deepEqual(second.reader.store.server, settings, "a door's name and password are the door's");

		// The former one is found in a drawer, and plugged in.
		const back = await refused(at(first, ["server", "register"]), EXIT.usage);
		assert.match(back, /other-reader/);
		assert.equal(toHex((await store.doors.find("FRONT"))!.reader!.publicKey), keyOf(second));

		const actions = await store.actions.after(0, 10);
		assert.deepEqual(
			actions.map(({ to, what }) => [what, to]),
			[
				["register-reader", "FRONT"],
				["register-reader", "FRONT"],
			],
		);
	});

	it("a token that may not, and a reader that the site has revoked, are refused with what to do", async () => {
		const viewer = await server.token("viewer");
		const role = await refused(at(first, ["commission", first.file("door.json")], viewer), EXIT.refused);
		assert.match(role, /^wrong-role: .*takes a token of an administrator/);
		const none = await refused(
			at(first, ["commission", first.file("door.json")], "lintel_none"),
			EXIT.refused,
		);
		assert.match(none, /^no-token: .*LINTEL_TOKEN/);
		assert.isUndefined(first.reader.store.membership);
		const administrator = await server.token("administrator");
		await done(at(first, ["commission", first.file("door.json")], administrator));
		const { store } = server.server.site;
		const [reader] = await store.doors.readers("FRONT");
		const list = server.nextList((now) => ({ ...now, revoked: [...now.revoked, reader!.credential] }));
		assert.equal((await server.ask("POST", "/api/trust", { body: { list: toHex(list) } })).status, 201);
		await store.doors.register(
			"FRONT",
			{ publicKey: new Uint8Array(32).fill(9), credential: reader!.credential },
			5,
		);
		const revoked = await refused(
			at(first, ["server", "register", "--replace"], administrator),
			EXIT.refused,
		);
		assert.match(revoked, /^revoked: /);
	});
});
