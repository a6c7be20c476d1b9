import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { NodeRandom } from "../../../hal/node/random.js";
import { Holder, type HolderResult } from "../../../sim/phone/holder.js";
import { plugInConsole } from "../../../sim/pty/console.js";
import type { PseudoTerminal } from "../../../sim/pty/pty.js";
import { RealTime } from "../../../sim/realtime.js";
import { World } from "../../../sim/world.js";
import { toHex } from "../../../src/bytes.js";
import { EDDSA, signer } from "../../../src/credential/cose.js";
import { byKcwt } from "../../../src/edhoc/id-cred.js";
import { readTrust } from "../../../tools/plan/keys.js";
import { needs } from "../../sim/installed.js";
import { root } from "../../support/host.js";

interface Ran {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** The real command line, as a process of its own. */
function lintel(folder: string, ...args: string[]): Promise<Ran> {
	return new Promise((resolve) => {
		execFile(
			process.execPath,
			[join(root, "bin/lintel.js"), ...args],
			{ cwd: folder, encoding: "utf8", timeout: 60_000 },
			(error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
		);
	});
}

describe("from the factory to the first tap, by lintel commands alone", function () {
	this.timeout(180_000);
	const crypto = new NodeCrypto();
	let folder: string;
	let world: World;
	let real: RealTime;
	let terminal: PseudoTerminal;

	before(async function () {
		needs(this, { socat: "socat" });
		folder = mkdtempSync(join(tmpdir(), "lintel-commission-"));
		world = new World({ seed: 3, crypto, factory: true });
		world.powerOn();
		real = new RealTime(world.time).start();
		terminal = await plugInConsole(world, real);
	});

	after(() => {
		real?.stop();
		terminal?.close();
		if (folder) rmSync(folder, { recursive: true, force: true });
	});

	async function run(...args: string[]): Promise<Ran> {
		const ran = await lintel(folder, ...args);
		assert.equal(ran.code, 0, `lintel ${args.join(" ")}\n${ran.stdout}${ran.stderr}`);
		return ran;
	}

	it("opens the door to the phone that the plan lists, and to no other", async () => {
		const port = ["--port", terminal.path, "--key", "site-key.json"];
		await run("site", "init", "ACME");
		writeFileSync(join(folder, "door.json"), JSON.stringify({ id: "front", name: "Front door" }));
		await run("commission", "door.json", ...port);
		// The reader takes its new configuration over by a restart.
		await new Promise((resolve) => setTimeout(resolve, 1500));
		await run("verify", "door.json", ...port);

		const phones = [1, 2].map((n) => crypto.ed25519KeyPair(new Uint8Array(32).fill(n)));
		const issued = [];
		for (const [n, phone] of phones.entries()) {
			const key = toHex(phone.publicKey);
			const { stdout } = await run(
				...[
					"credential",
					"issue",
					"--key",
					"site-key.json",
					"--public-key",
					key,
					"--out",
					`phone-${n}.cwt`,
					"--json",
				],
			);
			issued.push(JSON.parse(stdout) as { id: string });
		}
		const plan = {
			site: "ACME",
			timeZone: "Europe/Vienna",
			accessPlans: { staff: [{ schedule: "always" }] },
			doors: { front: {} },
			users: [{ name: "Ada", accessPlans: ["staff"], credentials: [{ id: issued[0]!.id }] }],
		};
		writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
		await run(
			"plan",
			"compile",
			"plan.json",
			"--door",
			"front",
			"--plan-version",
			"1",
			"--key",
			"site-key.json",
			"--out",
			"front.plan",
		);
		await run("install-plan", "front.plan", ...port);
		await run("test", "relay", ...port);
		await run("test", "nfc", ...port);
		await new Promise((resolve) => setTimeout(resolve, 5500));
		assert.isFalse(world.door.relay.on, "the test's pulse is over");

		const results: HolderResult[] = [];
		for (const [n, phone] of phones.entries()) {
			const cwt = new Uint8Array(readFileSync(join(folder, `phone-${n}.cwt`)));
			const holder = new Holder({
				crypto,
				random: new NodeRandom(),
				credential: { ...byKcwt(cwt), ...signer(crypto, EDDSA, phone.secretKey) },
				suite: 4,
				trust: readTrust(join(folder, "site.json")),
				onResult: (result) => results.push(result),
			});
			const card = world.phoneOf(holder);
			real.now(() => world.board.field.present(card));
			for (let i = 0; i < 200 && results.length <= n; i++)
				await new Promise((resolve) => setTimeout(resolve, 20));
			real.now(() => world.board.field.remove(card));
			if (n === 0) assert.isTrue(world.door.relay.on, "the strike is released");
			await new Promise((resolve) => setTimeout(resolve, 600));
		}
		assert.deepEqual(
			results.map((result) => (result.kind === "decision" ? result.decision?.reason : result.error.message)),
			["granted", "unknown-credential"],
		);
		const report = JSON.parse((await run("report", "--json", ...port)).stdout) as {
			state: { credentials: number };
		};
		assert.equal(report.state.credentials, 1);
	});
});
