import {autocapture} from './autocapture.js';
import {device} from './device.js';
import {leaving} from './leaving.js';
import {heedAddress, ownVisits} from './ownvisits.js';
import {boot, onStart} from './tracker.js';
import {vitals} from './vitals.js';

onStart(heedAddress);
onStart(device);
onStart(leaving);
onStart(autocapture);
onStart(vitals);
ownVisits();
boot();
