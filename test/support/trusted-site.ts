// SPDX-License-Identifier: Apache-2.0

import { fromHex, toHex } from "../../protocol/bytes.js";
import type { Crypto, KeyPair } from "../../protocol/crypto.js";
import { decodeList, type TrustList } from "../../protocol/trust/list.js";
import { rootOf } from "../../sim/practice-keys.js";
import type { SiteKeys } from "../../site/lib/site-keys.js";
import {
	encodeList,
	type KeyModel,
	modelOf,
	type RootSigner,
	signList,
	type TrustModel,
} from "../../site/lib/trust/model.js";

/** The end of installers' keys, in 2096: fixed, so that one seed gives one list. */
const UNTIL = 4_000_000_000;

/** A site whose lists go on one by one, and its people's files: its administrator has a key that signs and one that proves itself. */
export class TrustedSite {
	readonly crypto: Crypto;
	readonly site: string;
	readonly root: KeyPair & RootSigner;
	/** Signs all that a site signs. */
	readonly office: KeyPair;
	/** Proves itself by cable. */
	readonly install: KeyPair;
	readonly lists: Uint8Array[] = [];
	trust!: TrustList;
	readonly #seeds = new Map<KeyPair, string>();

	/** `seed`: of `office`, 32 bytes in hexadecimal; the other keys come of it. */
	constructor(site: string, seed: string, crypto: Crypto) {
		this.site = site;
		this.crypto = crypto;
		this.root = rootOf(crypto, crypto.sha256(fromHex(seed)));
		this.office = this.pair(seed);
		this.install = this.pair(`${seed.slice(2)}01`);
		const issued = 1_577_836_800;
		this.#sign(
			{
				...{ site, version: 1, epoch: 1, issued, threshold: 1, roots: [this.root.publicKey], revoked: [] },
				keys: [
					{ publicKey: this.office.publicKey, roles: ["issue", "plan", "commission"] },
					this.installer(this.install),
				],
			},
			[this.root],
		);
	}

	/** A key that stands in its people's files. */
	pair(seed: string): KeyPair {
		const pair = this.crypto.ed25519KeyPair(fromHex(seed));
		this.#seeds.set(pair, seed);
		return pair;
	}

	/** An installer's key in a list. */
	installer({ publicKey }: KeyPair, limits: Partial<KeyModel> = {}): KeyModel {
		return { publicKey, roles: ["install"], until: UNTIL, ...limits };
	}

	/** The next list, by the root or `by`. */
	next(change: (now: TrustModel) => Partial<TrustModel>, by: readonly RootSigner[] = [this.root]): void {
		const now = modelOf(this.trust);
		this.#sign({ ...now, version: now.version + 1, ...change(now) }, by);
	}

	/** The next list, by which `pair` is ended or stolen. */
	revoke({ publicKey }: KeyPair, state: "ended" | "stolen"): void {
		const kid = toHex(publicKey);
		this.next(({ epoch, keys }) => ({
			epoch: state === "stolen" ? epoch + 1 : epoch,
			keys: keys.map((key) => (toHex(key.publicKey) === kid ? { ...key, state } : key)),
		}));
	}

	/** A person's file of the lists so far. */
	keyFile(...pairs: readonly KeyPair[]): object {
		const keys = pairs.map((pair) => ({ algorithm: "Ed25519", seed: this.#seeds.get(pair)! }));
		return { site: this.site, keys, lists: this.lists.map(toHex) };
	}

	/** The administrator's. */
	get adminFile(): object {
		return this.keyFile(this.office, this.install);
	}

	/** As `readKeys` gives it. */
	keys(...pairs: readonly KeyPair[]): SiteKeys {
		return { site: this.site, keys: pairs, lists: [...this.lists], trust: this.trust };
	}

	#sign(model: TrustModel, by: readonly RootSigner[]): void {
		const payload = encodeList(model);
		this.lists.push(signList(payload, by));
		this.trust = decodeList(payload)!;
	}
}
