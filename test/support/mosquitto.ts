// SPDX-License-Identifier: Apache-2.0

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { writeBrokerFiles } from "../../site/server/broker/files.js";
import type { SiteStore } from "../../site/server/store/store.js";
import { missing } from "../sim/installed.js";
import { until } from "./until.js";

/** Debian has it in a folder where only root looks. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

export interface Mosquitto {
	readonly port: number;
	stop(): Promise<void>;
}

/** Contents of its files. */
export interface MosquittoFiles {
	/** As `mosquitto_passwd` writes it; or in clear, where it is to hash them. */
	readonly passwords: string;
	readonly clear?: boolean;
	readonly rules: string;
}

export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** With the files that a site's server writes for it. */
export async function startMosquittoOf(context: Context, store: SiteStore): Promise<Mosquitto> {
	const folder = mkdtempSync(join(tmpdir(), "lintel-broker-files-"));
	try {
		const { acl, passwords } = await writeBrokerFiles(store, folder);
		const text = (path: string): string => readFileSync(path, "utf8");
		return await startMosquitto(context, { passwords: text(passwords), rules: text(acl) });
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** The real one, at a port of this computer. Skips the spec where it is not installed. */
export async function startMosquitto(
	context: Context,
	{ clear, passwords, rules }: MosquittoFiles,
	at?: number,
): Promise<Mosquitto> {
	if (spawnSync("mosquitto", ["-h"], { env }).error !== undefined)
		missing(context, "mosquitto. On Debian: apt-get install mosquitto");
	// It cannot choose a port itself.
	const port = at ?? (await freePort());
	const folder = mkdtempSync(join(tmpdir(), "lintel-mosquitto-"));
	const file = (name: string, text: string): string => {
		writeFileSync(join(folder, name), text, { mode: 0o600 });
		return join(folder, name);
	};
	const passwordFile = file("passwords", passwords);
	if (clear) spawnSync("mosquitto_passwd", ["-U", passwordFile], { env });
	const lines = [
		`listener ${port} 127.0.0.1`,
		`password_file ${passwordFile}`,
		`acl_file ${file("rules", rules)}`,
		"user root",
	];
	const config = file("config", lines.join("\n"));
	const program = spawn("mosquitto", ["-v", "-c", config], { env, stdio: ["ignore", "ignore", "pipe"] });
	let told = "";
	program.stderr.setEncoding("utf8").on("data", (text: string) => {
		told += text;
	});
	const ended = new Promise<void>((resolve) => program.on("close", () => resolve()));
	await until(
		"mosquitto runs",
		() => / running/.test(told) || program.exitCode !== null,
		() => told,
	);
	if (program.exitCode !== null) throw new Error(`mosquitto: ${told}`);
	const stop = async (): Promise<void> => {
		// It misses a SIGTERM that comes just after it says that it runs.
		program.kill("SIGKILL");
		await ended;
		rmSync(folder, { recursive: true });
	};
	return { port, stop };
}
