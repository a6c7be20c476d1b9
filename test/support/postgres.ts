// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import pg from "pg";
import { missing } from "../sim/installed.js";
import { until } from "./until.js";

/** Debian has its programs in a folder a version, where no shell looks. */
const DEBIAN = "/usr/lib/postgresql";

/** A server of PostgreSQL with databases of its own, reached by a socket in its folder alone. */
export class Postgres {
	readonly #folder: string;
	readonly #program: ChildProcess;
	readonly #ended: Promise<void>;
	#databases = 0;

	private constructor(folder: string, program: ChildProcess, ended: Promise<void>) {
		this.#folder = folder;
		this.#program = program;
		this.#ended = ended;
	}

	/** Skips the spec where it is not installed. */
	static async start(context: Context): Promise<Postgres> {
		const bin = folderOf("initdb");
		const who = unprivileged();
		if (bin === undefined || who === undefined)
			missing(context, "PostgreSQL. On Debian: apt-get install postgresql");
		const folder = mkdtempSync(join(tmpdir(), "lintel-pg-"));
		if (who.uid !== undefined) chownSync(folder, who.uid, who.gid!);
		const data = join(folder, "data");
		const options = { ...who, cwd: folder, encoding: "utf8" } as const;
		const made = spawnSync(
			join(bin, "initdb"),
			["-D", data, "-U", "lintel", "-A", "trust", "-E", "UTF8"],
			options,
		);
		if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
		const args = ["-D", data, "-k", folder, "-c", "listen_addresses="];
		const program = spawn(join(bin, "postgres"), args, {
			...who,
			cwd: folder,
			stdio: ["ignore", "ignore", "pipe"],
		});
		let told = "";
		program.stderr.setEncoding("utf8").on("data", (text: string) => {
			told += text;
		});
		const ended = new Promise<void>((resolve) => program.once("close", () => resolve()));
		await until(
			"PostgreSQL takes connections",
			() => /ready to accept connections/.test(told) || program.exitCode !== null,
			() => told,
		);
		return new Postgres(folder, program, ended);
	}

	/** The URL of a new database. */
	async database(): Promise<string> {
		const name = `site${++this.#databases}`;
		await this.#ask(`CREATE DATABASE ${name}`);
		return this.#url(name);
	}

	/** Ends the connections to a database, as where the network fails. */
	async cut(url: string): Promise<void> {
		const name = url.split("/").at(-1);
		await this.#ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
	}

	async stop(): Promise<void> {
		// At once: what is in it is for the specs alone.
		this.#program.kill("SIGQUIT");
		await this.#ended;
		rmSync(this.#folder, { recursive: true, force: true });
	}

	#url(name: string): string {
		return `postgres://lintel@${encodeURIComponent(this.#folder)}/${name}`;
	}

	async #ask(statement: string): Promise<void> {
		const client = new pg.Client(this.#url("postgres"));
		await client.connect();
		await client.query(statement);
		await client.end();
	}
}

function folderOf(program: string): string | undefined {
	if (!existsSync(DEBIAN)) return undefined;
	const folders = readdirSync(DEBIAN).map((version) => join(DEBIAN, version, "bin"));
	return folders.find((folder) => existsSync(join(folder, program)));
}

/** PostgreSQL does not run as root: then as the user that Debian makes for it. `undefined`: there is none. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } | undefined {
	if (process.getuid?.() !== 0) return {};
	const [uid, gid] = ["-u", "-g"].map((what) => spawnSync("id", [what, "postgres"], { encoding: "utf8" }));
	if (uid!.status !== 0 || gid!.status !== 0) return undefined;
	return { uid: Number(uid!.stdout), gid: Number(gid!.stdout) };
}
