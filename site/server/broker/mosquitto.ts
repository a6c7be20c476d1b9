// SPDX-License-Identifier: Apache-2.0

/** Files of Mosquitto that let in the doors of a site and its server, each to its own topics. */
import { pbkdf2Sync, randomBytes } from "node:crypto";
import {
	clientOf,
	siteLevel,
	topicDown,
	topicLockdown,
	topicRevoked,
	topicTrust,
	topicUp,
} from "../../../protocol/sync/topics.js";
import { serverUser } from "./external.js";

export interface MosquittoUsers {
	readonly site: string;
	readonly serverPassword: string;
	readonly doors: readonly { readonly door: string; readonly password: string }[];
}

/** What `mosquitto_passwd` writes; the passwords have 256 random bits, so that more rounds would protect nothing. */
const ROUNDS = 101;
const SALT = 12;
const HASH = 64;

/** `password_file`: a line a user, PBKDF2 with HMAC-SHA-512 (`$7$`). */
export function passwordFile({ doors, serverPassword, site }: MosquittoUsers): string {
	const users = doors.map(({ door, password }) => [clientOf(site, door), password] as const);
	return [[serverUser(site), serverPassword] as const, ...users]
		.map((user) => `${hashed(...user)}\n`)
		.join("");
}

function hashed(user: string, password: string): string {
	const salt = randomBytes(SALT);
	const hash = pbkdf2Sync(password, salt, ROUNDS, HASH, "sha512");
	return `${user}:$7$${ROUNDS}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

/** `acl_file`. Mosquitto's patterns refuse names with a slash, so that each door has its own lines. */
export function aclFile({ doors, site }: MosquittoUsers): string {
	const prefix = `l1/${siteLevel(site)}`;
	const retained = [topicTrust(site), topicRevoked(site), topicLockdown(site)];
	const server = [
		`user ${serverUser(site)}`,
		`topic read ${prefix}/+/u`,
		`topic write ${prefix}/+/d`,
		...retained.map((topic) => `topic write ${topic}`),
		// A restored server takes from there what its backup lacks.
		`topic read ${topicRevoked(site)}`,
	];
	const lines = doors.flatMap(({ door }) => [
		"",
		`user ${clientOf(site, door)}`,
		`topic write ${topicUp(site, door)}`,
		`topic read ${topicDown(site, door)}`,
		...retained.map((topic) => `topic read ${topic}`),
	]);
	return `${[...server, ...lines].join("\n")}\n`;
}
