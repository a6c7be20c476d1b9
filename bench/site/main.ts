// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run bench:site`: a large site at its real server: how long each call of the API takes, and what an edit costs. The server is a process of
 * its own; times are those of a client on the same computer, so they tell more of each other than of another machine.
 */
import { join } from "node:path";
import { SqliteDatabase } from "../../site/server/store/sqlite.js";
import { commandLine, fail } from "../../tools/command-line.js";
import { SiteProcess } from "../../tools/fleet/site-process.js";
import { writeLogs } from "./log-rows.js";
import { pageBench } from "./pages.js";
import { credentialId, doorName, largePlan, personName } from "./people.js";

const USAGE = "npm run bench:site -- [--users N] [--doors N] [--events N] [--json]";
/** Times that each call is made. */
const RUNS = 30;
/** That each page is opened, by a browser that has nothing of it. */
const PAGE_RUNS = 10;

const values = commandLine(USAGE, {
	users: { type: "string", default: "10000" },
	doors: { type: "string", default: "200" },
	events: { type: "string", default: "1000000" },
	json: { type: "boolean", default: false },
});
const [users, doors, events] = [values.users, values.doors, values.events].map((text) => {
	const n = Number(text);
	return Number.isInteger(n) && n >= 1 ? n : fail(USAGE, `${text} is no number of users, doors or events`);
}) as [number, number, number];

interface Figure {
	readonly what: string;
	readonly ms: number;
	/** Of how many; 1: `ms` is that one. */
	readonly runs: number;
	readonly bytes?: number;
}

interface UserPage {
	readonly users: readonly {
		readonly id: string;
		readonly credentials: readonly { readonly id: string }[];
	}[];
	readonly next: string | null;
}

type People = UserPage["users"];

const figures: Figure[] = [];
const tell = (line: string): void => void process.stderr.write(`${line}\n`);

async function once<T>(what: string, work: () => Promise<T>): Promise<T> {
	const from = performance.now();
	const result = await work();
	figures.push({ what, ms: performance.now() - from, runs: 1 });
	tell(`${what}: ${Math.round(figures.at(-1)!.ms)} ms`);
	return result;
}

/** The 95th of a hundred. */
async function p95(what: string, work: (run: number) => Promise<unknown>, runs = RUNS): Promise<void> {
	const times: number[] = [];
	let bytes = 0;
	for (let run = 0; run < runs; run++) {
		const from = performance.now();
		bytes = Math.max(bytes, JSON.stringify((await work(run)) ?? null).length);
		times.push(performance.now() - from);
	}
	times.sort((a, b) => a - b);
	figures.push({ what, ms: times[Math.ceil(0.95 * runs) - 1]!, runs, bytes });
	tell(`${what}: p95 ${figures.at(-1)!.ms.toFixed(1)} ms, ${bytes} bytes`);
}

/** Resolves when each door has its plan. */
async function planned(file: string): Promise<void> {
	const database = new SqliteDatabase(file);
	try {
		for (;;) {
			const [row] = await database.all<{ count: number }>("SELECT COUNT(*) AS count FROM plans");
			if (row!.count >= doors) return;
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	} finally {
		await database.close();
	}
}

async function run(server: SiteProcess): Promise<void> {
	const file = join(server.data, "site.db");
	const now = Math.floor(Date.now() / 1000);
	await server.start({});
	await once("import the plan of all", () =>
		server.ask("PUT", "/api/plan", largePlan(server.site, users, doors)),
	);
	await once("make and sign all doors' plans", () => planned(file));
	await server.stop();
	await once("write the logs (the bench's own work)", () => writeLogs(file, doors, users, events, now));
	await once("start the server on it", () => server.start({}));
	const { cursors, people } = await allPeople(server);
	await read(server, people, cursors, now);
	await look(server, people);
	await edit(server, people);
}

async function allPeople(server: SiteProcess): Promise<{ cursors: readonly string[]; people: People }> {
	const people: UserPage["users"][number][] = [];
	const cursors = [""];
	for (const cursor of cursors) {
		const { next, users: page } = await server.ask<UserPage>("GET", `/api/users?limit=100${cursor}`);
		people.push(...page);
		if (next !== null) cursors.push(`&cursor=${next}`);
	}
	return { cursors, people };
}

async function read(
	server: SiteProcess,
	people: People,
	cursors: readonly string[],
	now: number,
): Promise<void> {
	const ids = people.map(({ id }) => id);
	const paths: readonly (readonly [string, (run: number) => string])[] = [
		["users, a page", (i) => `/api/users?limit=100${cursors[i % cursors.length]}`],
		["users, search", (i) => `/api/users?search=${encodeURIComponent(personName(i * 97).slice(0, 9))}`],
		["one user", (i) => `/api/users/${ids[i % ids.length]}`],
		["doors", () => "/api/doors"],
		["one door", (i) => `/api/doors/${doorName(i % doors)}`],
		["the plan whole", () => "/api/plan"],
		["log, newest", () => "/api/log"],
		["log, an old page", (i) => `/api/log?cursor=${now - (i + 1) * 10 * 86_400}.0`],
		["log of a door", (i) => `/api/log?door=${doorName((i * 7) % doors)}`],
		["log of a person", (i) => `/api/log?user=${ids[i % ids.length]}`],
		["log, alarms", () => "/api/log?event=forced,held"],
		["log of a month", (i) => `/api/log?since=${now - 90 * 86_400}&until=${now - 60 * 86_400 + i}`],
		["log of a person at a door", (i) => `/api/log?user=${ids[i % ids.length]}&door=${doorName(i % doors)}`],
		["log, a person by name", (i) => `/api/log?words=${encodeURIComponent(personName(i * 97))}`],
		["log, a word of a sentence", () => "/api/log?words=forced"],
		["log, words in no record", () => "/api/log?words=tamper%20forced"],
		["log, a reason", () => "/api/log?reason=outside-schedule"],
		["log, a reason that none has", () => "/api/log?reason=revoked"],
		["log, a reason at a door", (i) => `/api/log?reason=denied&door=${doorName(i % doors)}`],
		["log, a word and a month", (i) => `/api/log?words=lockdown&until=${now - i * 20 * 86_400}`],
		["health", () => "/api/health"],
	];
	for (const [what, path] of paths) await p95(what, (i) => server.ask("GET", path(i)));
}

/** How long each page takes until it is there. */
async function look(server: SiteProcess, people: People): Promise<void> {
	const { token, url } = server.access;
	const pages = await pageBench(url, token);
	if (pages === undefined) {
		tell("no Chromium: pages are not measured");
		return;
	}
	try {
		const own = [`/users/${people[0]!.id}`, `/users?search=${encodeURIComponent(personName(97))}`];
		for (const path of [...pages.menu, ...own]) await p95(`page ${path}`, () => pages.open(path), PAGE_RUNS);
	} finally {
		await pages.close();
	}
}

async function edit(server: SiteProcess, people: People): Promise<void> {
	const ids = people.map(({ id }) => id);
	await p95("pause and resume a user", async (i) => {
		await server.ask("POST", `/api/users/${ids[i % ids.length]}/pause`);
		await server.ask("POST", `/api/users/${ids[i % ids.length]}/resume`);
	});
	await p95("add a user", (i) =>
		server.ask("POST", "/api/users", {
			name: `New ${i}`,
			accessPlans: ["Plan 1"],
			credentials: [{ id: credentialId(users + i) }],
		}),
	);
	await p95("change a user", (i) =>
		server.ask("PUT", `/api/users/${ids[i % ids.length]}`, { name: `Changed ${i}`, accessPlans: ["Plan 2"] }),
	);
	const lines = Array.from(
		{ length: users },
		(_, i) => `Imported ${i};i${i}@example.com;Plan ${1 + (i % 2)}`,
	);
	const csv = ["name;email;access_plans", ...lines].join("\n");
	await once("preview an import of as many users again", () =>
		server.ask("POST", "/api/users/import", { csv }),
	);
	await once("import as many users again", () =>
		server.ask("POST", "/api/users/import", { csv, apply: true }),
	);
	await p95("revoke a credential", (i) =>
		server.ask("DELETE", `/api/users/${ids[40 + i]}/credentials/${people[40 + i]!.credentials[0]!.id}`),
	);
}

const server = new SiteProcess();
try {
	await run(server);
} finally {
	await server.close();
}
const table = figures.map(
	({ bytes, ms, runs, what }) =>
		`${what.padEnd(40)} ${ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`}${runs > 1 ? ` (p95 of ${runs}, ${bytes} bytes)` : ""}`,
);
process.stdout.write(
	values.json ? `${JSON.stringify({ users, doors, events, figures })}\n` : `${table.join("\n")}\n`,
);
