/* Before anything is painted, so that no page that somebody wants dark is light at first. */
document.documentElement.dataset.theme = localStorage.getItem('onevault.dashboard.theme') ?? '';
