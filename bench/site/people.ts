// SPDX-License-Identifier: Apache-2.0

import type { PlanDocument } from "../../site/lib/plan/document.js";

const FIRST = [
	"Ada",
	"Ben",
	"Clara",
	"Dora",
	"Emil",
	"Finn",
	"Greta",
	"Hugo",
	"Ida",
	"Jonas",
	"Klara",
	"Liam",
	"Mia",
];
const LAST = [
	"Abel",
	"Bauer",
	"Conrad",
	"Dietz",
	"Ebner",
	"Fuchs",
	"Gruber",
	"Huber",
	"Jung",
	"Kern",
	"Lang",
	"Moser",
];
/** Access plans, each good at a share of the doors. */
const PLANS = 40;

export function doorName(i: number): string {
	return `D${String(i + 1).padStart(4, "0")}`;
}

export function personName(i: number): string {
	return `${FIRST[i % FIRST.length]} ${LAST[(i * 7) % LAST.length]} ${i + 1}`;
}

/** Of the person `i`. */
export function credentialId(i: number): string {
	return (0x5eed_0000_0000 + i).toString(16).padStart(16, "0");
}

/** A large school's or company's plan. Each person has one credential and two access plans. */
export function largePlan(site: string, users: number, doors: number): PlanDocument {
	const names = Array.from({ length: doors }, (_, i) => doorName(i));
	return {
		site,
		timeZone: "Europe/Vienna",
		schedules: { week: [{ days: ["mon-fri"], from: "07:00", to: "19:00" }] },
		accessPlans: Object.fromEntries(
			Array.from({ length: PLANS }, (_, plan) => [
				`Plan ${plan + 1}`,
				[
					{
						doors: names.filter((_, i) => i % PLANS === plan || i % 7 === plan % 7),
						schedule: plan % 2 ? "week" : "always",
					},
				],
			]),
		),
		doors: Object.fromEntries(names.map((name) => [name, {}])),
		users: Array.from({ length: users }, (_, i) => ({
			name: personName(i),
			accessPlans: [`Plan ${(i % PLANS) + 1}`, `Plan ${((i * 11 + 5) % PLANS) + 1}`].filter(
				(name, at, all) => all.indexOf(name) === at,
			),
			credentials: [{ id: credentialId(i) }],
		})),
	};
}
