// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Refused } from "../api.js";
import { Heading } from "../parts/heading.js";
import { Banner, say } from "../parts/notice.js";
import { timeText } from "../parts/time.js";
import { go } from "../router.js";
import { phoneWords } from "../words/phone.js";
import { accept, offerOf } from "./accept.js";
import { Copyable } from "./copy.js";
import { askNow, holding, load } from "./held.js";
import type { Link } from "./link.js";
import { type Obstacle, obstacle, warning } from "./obstacles.js";
import { RightsList } from "./rights.js";
import type { Offer } from "./site-api.js";

type Found =
	| { readonly kind: "looking" }
	| { readonly kind: "obstacle"; readonly obstacle: Obstacle }
	| { readonly kind: "refused"; readonly reason: string; readonly detail: string }
	| { readonly kind: "offer"; readonly offer: Offer };

/** What a link offers; one button accepts it. */
export function AcceptPage({ link }: { link: Link }): JSX.Element {
	const t = phoneWords();
	const found = useSignal<Found>({ kind: "looking" });
	const look = async (): Promise<void> => {
		found.value = { kind: "looking" };
		found.value = await find(link);
	};
	useEffect(() => {
		// Accepted here before: the link leads to its key, off line too.
		if (holding.value?.some((one) => one.link === link.hash)) go("/phone/", { replace: true });
		else void look();
	}, [link.hash]);
	const now = found.value;
	if (now.kind === "offer") return <OfferCard link={link} offer={now.offer} />;
	if (now.kind === "looking") return <p aria-busy="true">{t.loading}</p>;
	const text = now.kind === "obstacle" ? t.obstacles[now.obstacle] : refusalText(now.reason, now.detail);
	return (
		<>
			<Heading title={t.cannot} />
			<Banner kind="bad">
				<p role="alert">{text}</p>
			</Banner>
			{now.kind === "obstacle" && (
				<Copyable text={`${link.origin}/i/${link.token}`} act={t.copyLink} label={t.link} />
			)}
			<div class="actions">
				<button type="button" onClick={look}>
					{t.again}
				</button>
				<a class="button" href="/phone/">
					{t.title}
				</a>
			</div>
		</>
	);
}

async function find(link: Link): Promise<Found> {
	const blocked = await obstacle();
	if (blocked !== undefined) return { kind: "obstacle", obstacle: blocked };
	try {
		const offer = await offerOf(link);
		// Another phone has it. The same phone with a lost answer asks once more, and gets it.
		if (offer.state === "accepted") return await again(link);
		return { kind: "offer", offer };
	} catch (error) {
		return refused(error);
	}
}

/** Accepts what was accepted: the site gives this phone's key its answer again, and refuses any other. */
async function again(link: Link): Promise<Found> {
	await accept(link);
	await arrived();
	return { kind: "looking" };
}

function refused(error: unknown): Extract<Found, { kind: "refused" }> {
	if (error instanceof Refused) return { kind: "refused", reason: error.reason, detail: error.message };
	if (error instanceof DOMException) return { kind: "refused", reason: "not-stored", detail: error.message };
	throw error;
}

function refusalText(reason: string, detail: string): string {
	const { refusals } = phoneWords();
	return Object.hasOwn(refusals, reason) ? refusals[reason as keyof typeof refusals] : detail;
}

async function arrived(): Promise<void> {
	await load();
	go("/phone/", { replace: true });
	say(phoneWords().accepted);
	void askNow();
}

function OfferCard({ link, offer }: { link: Link; offer: Offer }): JSX.Element {
	const t = phoneWords();
	const isBusy = useSignal(false);
	const problem = useSignal("");
	const isSure = useSignal(warning() === undefined);
	const take = async (): Promise<void> => {
		if (isBusy.value) return;
		isBusy.value = true;
		problem.value = "";
		try {
			await accept(link);
			await arrived();
		} catch (error) {
			const { detail, reason } = refused(error);
			problem.value = refusalText(reason, detail);
		} finally {
			isBusy.value = false;
		}
	};
	return (
		<>
			<Heading title={t.invited(offer.siteName)} />
			<RightsList rights={offer} />
			{offer.replaces && <Banner>{t.replaces}</Banner>}
			{isSure.value ? (
				<>
					<p>{t.acceptText}</p>
					<div role="alert">{problem.value !== "" && <p class="notice bad">{problem.value}</p>}</div>
					<div class="actions">
						<button type="button" class="primary large" aria-disabled={isBusy.value} onClick={take}>
							{t.acceptAct}
						</button>
					</div>
				</>
			) : (
				<HomeScreenFirst>
					<button
						type="button"
						onClick={() => {
							isSure.value = true;
						}}
					>
						{t.iosTabAct}
					</button>
				</HomeScreenFirst>
			)}
			<p class="faint">{t.acceptUntil(timeText(offer.expires))}</p>
		</>
	);
}

/** On iOS: the page that is put on the home screen now opens with this link, and accepts it there. */
function HomeScreenFirst({ children }: { children: ComponentChildren }): JSX.Element {
	const t = phoneWords();
	useEffect(() => {
		// Without a manifest iOS takes the address that is shown.
		document.querySelector("link[rel=manifest]")?.remove();
	}, []);
	return (
		<Banner>
			<h2>{t.iosTab}</h2>
			<p>{t.iosTabText}</p>
			{children}
		</Banner>
	);
}
