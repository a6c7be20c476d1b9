// SPDX-License-Identifier: Apache-2.0

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { fromHex } from "../../protocol/bytes.js";
import { COMMANDS, EVENTS } from "../../protocol/events.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { emptyEntry } from "../../src/access/plan-entry.js";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import type { Ended } from "./lintel.js";
import { DeviceReader, Installation } from "./terminal.js";

interface Plan {
	readonly users: readonly { readonly credentials: readonly { readonly id: string }[] }[];
}

const plan = JSON.parse(
	readFileSync(join(root, "examples/plan.json"), "utf8").replaceAll('"front"', '"FRONT"'),
) as Plan;

describe("lintel at a door that has a plan", () => {
	let files: Installation;
	let reader: DeviceReader;

	before(function () {
		needs(this, { socat: "socat" });
	});

	beforeEach(async () => {
		files = new Installation();
		files.write("plan.json", plan);
		reader = new DeviceReader();
		await reader.plug();
		await done("commission", files.file("door.json"), ...key());
	});

	afterEach(() => {
		reader.unplug();
		files.end();
	});

	const key = (): string[] => ["--site-key", files.file("key.json")];
	const at = (...args: string[]): Promise<Ended> => files.at(reader.path, ...args);

	async function done(...args: string[]): Promise<string> {
		const { code, err, out } = await at(...args);
		assert.equal(code, 0, err);
		return out;
	}

	async function compiled(version: number, users = plan.users): Promise<string> {
		const out = files.file(`${version}.plan`);
		files.write("plan.json", { ...plan, users });
		const args = ["plan", "compile", files.file("plan.json"), "--door", "FRONT", "--out", out, ...key()];
		const { code, err } = await files.run([...args, "--plan-version", String(version)]);
		assert.equal(code, 0, err);
		return out;
	}

	async function change(from: string, to: string, name = "change"): Promise<string> {
		const out = files.file(name);
		const { code, err } = await files.run(["plan", "diff", from, to, "--out", out, ...key()]);
		assert.equal(code, 0, err);
		return out;
	}

	const kindOf = (id: string): string => {
		const entry = emptyEntry();
		reader.world.device!.door!.access.plan.lookup(fromHex(id), entry);
		return entry.kind;
	};

	it("takes a signed change as it takes a plan: a revocation holds, and the same again changes nothing", async () => {
		const one = await compiled(1);
		await done("install-plan", one, ...key());
		const [user, ...others] = plan.users;
		const { id } = user!.credentials[0]!;
		assert.equal(kindOf(id), "listed");
		const revocation = await change(one, await compiled(2, others));
		assert.isBelow(statSync(revocation).size, 400);
		assert.match(await done("install-plan", revocation, ...key()), /^plan 2 is in force: \d+ credentials\n$/);
		assert.notEqual(kindOf(id), "listed");
		assert.match(await done("install-plan", revocation, ...key()), /^plan 2 is in force already/);
		const { plan: version } = JSON.parse(await done("show", "--json", ...key())).state;
		assert.equal(version, 2);
	});

	it("says of a change that does not fit what does: another base, another door, one too long for the cable", async () => {
		const one = await compiled(1);
		const two = await compiled(2, plan.users.slice(1));
		const between = await change(two, await compiled(3, plan.users), "between");
		await done("install-plan", one, ...key());
		const base = await at("install-plan", between, ...key());
		assert.equal(base.code, EXIT.refused);
		assert.match(base.err, /begins from another version than the reader has[\s\S]*lintel plan compile/);
		const many = Array.from({ length: 90 }, (_, n) => ({
			name: `user ${n}`,
			accessPlans: ["staff"],
			credentials: [{ id: n.toString(16).padStart(16, "0") }],
		}));
		const long = await at(
			"install-plan",
			await change(one, await compiled(4, many as never), "long"),
			...key(),
		);
		assert.equal(long.code, EXIT.input);
		assert.match(long.err, /a reader takes 1200 at once by cable[\s\S]*whole plan/);
	});

	it("asks before it installs a plan that lets nobody in", async () => {
		const empty = await compiled(1, []);
		const asked = await at("install-plan", empty, ...key());
		assert.equal(asked.code, EXIT.usage);
		assert.match(asked.err, /has no credential: with it the door opens for no phone[\s\S]*--yes/);
		const args = ["install-plan", empty, ...key(), "--port", reader.path];
		const no = await files.answer(args, [/Install it\? \[y\/N\] /, "\r"]);
		assert.equal(no.code, EXIT.usage);
		assert.equal(reader.world.device!.door!.access.plan.version, 0);
		const yes = await files.answer(args, [/Install it\? \[y\/N\] /, "y\r"]);
		assert.equal(yes.code, 0, yes.out);
		assert.equal(reader.world.device!.door!.access.plan.version, 1);
	});

	it("orders the door by cable, with authority, and says how it is then", async () => {
		const { relay } = reader.world.door;
		assert.equal((await at("door", "unlock")).code, EXIT.refused, "without a key");
		assert.isFalse(relay.on);
		assert.match(
			await done("door", "unlock", ...key()),
			/^door FRONT: unlocked until `lintel door normal`; mode unlocked, unlocked now\n$/,
		);
		assert.isTrue(relay.on);
		assert.match(await done("door", "lock", ...key()), /mode locked, locked now/);
		assert.isFalse(relay.on);
		await done("door", "open", ...key());
		assert.isTrue(relay.on);
		reader.world.time.run(10_000);
		assert.isFalse(relay.on);
		assert.match(await done("door", "lockdown", ...key()), /mode lockdown, locked now/);
		const refused = await at("door", "open", ...key());
		assert.equal(refused.code, EXIT.refused);
		assert.match(refused.err, /door FRONT is locked down[\s\S]*lintel door release/);
		await done("door", "release", ...key());
		await done("door", "normal", ...key());
		const ordered = reader.world.auditor
			.entries()
			.filter(({ kind }) => kind === EVENTS.command)
			.map(({ detail, value }) => [detail, value]);
		const { lock, lockdown, normal, open, release, unlock } = COMMANDS;
		const expected = [unlock, lock, open, lockdown, open, release, normal].map((code) => [code, 0]);
		expected[4] = [open, 1];
		assert.deepEqual(ordered, expected);
		const wrong = await at("door", "explode", ...key());
		assert.equal(wrong.code, EXIT.usage);
		assert.match(wrong.err, /It is open, unlock, lock, normal, lockdown, release/);
	});
});
