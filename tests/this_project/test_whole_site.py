"""Every page of this project's site, in all its languages."""

import pytest

import test_site_crawl as walk


@pytest.mark.slow
def test_no_page_has_an_obstacle_or_is_not_valid(
    start_service, built_in_all, new_page, axe
):
    walk.test_no_page_asks_others_keeps_anything_complains_or_has_an_obstacle(
        start_service, built_in_all, new_page, axe
    )
    walk.test_every_page_is_valid_html(built_in_all)
