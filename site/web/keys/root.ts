// SPDX-License-Identifier: Apache-2.0

/** A site's root in a page: it is made, opened and used here, and nothing of it is sent anywhere. */
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { utf8Encode } from "../../../protocol/bytes.js";
import { Failure } from "../../lib/files/failure.js";
import { keysText, listsText, type SiteLists } from "../../lib/keys-text.js";
import { INSTALL_LIFE, newSite } from "../../lib/new-site.js";
import { checkPassphrase, passphraseBytes } from "../../lib/root/passphrase.js";
import { newRecoveryCode } from "../../lib/root/recovery-code.js";
import type { Root } from "../../lib/root/root.js";
import {
	newHeader,
	openedRoot,
	type RootFileKind,
	rootFileIn,
	sealedText,
} from "../../lib/root/root-text.js";
import { MIN_N, P, PASSPHRASE_N, R, type Scrypt } from "../../lib/root/scrypt-cost.js";
import { serverKey } from "../../lib/server-key.js";
import type { TrustModel } from "../../lib/trust/model.js";
import { checkRoot, signNext } from "../../lib/trust/sign.js";
import { crypto } from "./crypto.js";

/** A file to be kept. */
export interface NamedText {
	readonly name: string;
	readonly text: string;
}

/** What was made for a new site; its root is in the files alone. */
export interface MadeSite extends SiteLists {
	/** The root under its passphrase; its backup under the recovery code; keys that make readers doors. */
	readonly files: { readonly root: NamedText; readonly backup: NamedText; readonly keys: NamedText };
	/** On paper alone. */
	readonly code: string;
}

export interface WantedSite {
	readonly site: string;
	readonly passphrase: string;
	/** The server's, as it asks for it. */
	readonly serverKey: Uint8Array;
	/** The server's clock, seconds since 1970. */
	readonly now: number;
}

/** Throws `Failure`: `short-passphrase`. It takes a second or two, in which the page goes on. */
export async function makeSite({ now, passphrase, serverKey: key, site }: WantedSite): Promise<MadeSite> {
	checkPassphrase(passphrase);
	const made = newSite(
		site,
		// The server signs plans and issues credentials: what is left of the office is to make readers doors.
		{ now, installUntil: now + INSTALL_LIFE, office: ["commission"], others: [serverKey(key, now)] },
		crypto,
	);
	const code = newRecoveryCode();
	const root = await sealed("root-key", made.root, passphraseBytes(passphrase), PASSPHRASE_N);
	const backup = await sealed("root-backup", made.root, utf8Encode(code), MIN_N);
	const { lists, seeds, trust } = made;
	crypto.wipe(made.root.secretKey);
	return {
		...{ lists, trust, code },
		files: {
			root: { name: "root-key.json", text: root },
			backup: { name: "root-backup.json", text: backup },
			keys: { name: "site-key.json", text: keysText(seeds, made) },
		},
	};
}

/** Throws `Failure`: `wrong-passphrase`, and those of `rootFileIn`. */
export async function openRoot({ name, text }: NamedText, passphrase: string): Promise<Root> {
	const file = rootFileIn("root-key", text, name, crypto);
	const root = openedRoot(file, await scrypt(passphraseBytes(passphrase), file.scrypt), crypto);
	if (root !== undefined) return root;
	throw new Failure(
		"input",
		"wrong-passphrase",
		`this passphrase does not open ${name}`,
		"Look at Caps Lock and the keyboard's layout.",
	);
}

/** The list after the newest, by a root whose file is opened for it and forgotten. Throws `Failure`. */
export async function signList(
	site: SiteLists,
	file: NamedText,
	passphrase: string,
	change: (root: Root) => TrustModel,
): Promise<Uint8Array> {
	checkRoot(site.trust, rootFileIn("root-key", file.text, file.name, crypto));
	const root = await openRoot(file, passphrase);
	try {
		return signNext(site, change(root), [root], crypto).lists.at(-1)!;
	} finally {
		crypto.wipe(root.secretKey);
	}
}

/** The public file, which lies beside key files. */
export function listsFile({ lists, trust }: SiteLists): NamedText {
	return { name: "site.json", text: listsText(trust.site, lists) };
}

async function sealed(kind: RootFileKind, root: Root, secret: Uint8Array, N: number): Promise<string> {
	const header = newHeader(kind, root, N);
	return sealedText(header, await scrypt(secret, header.scrypt), root, crypto);
}

/** In pieces of 10 ms, so that the page goes on meanwhile. */
function scrypt(secret: Uint8Array, { N, salt }: Scrypt): Promise<Uint8Array> {
	return scryptAsync(secret, salt, { N, r: R, p: P, dkLen: 32, asyncTick: 10 });
}
