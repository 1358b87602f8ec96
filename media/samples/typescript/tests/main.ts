/** Runs all claims; throws, and so ends with an error, when one has failed. */

import './coreClaims.ts';
import './plotClaims.ts';
import { settle } from './claims.ts';

export const claimsChecked = settle();
